// Times on the wire and in files: RFC 3339, UTC, whole seconds, "2026-01-31T23:59:59Z".
#ifndef FLOTILLA_BASE_TIME_H_
#define FLOTILLA_BASE_TIME_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "base/status.h"

namespace flotilla {

using Time = absl::Time;
using Duration = absl::Duration;

std::string UtcText(Time time);
// Strict: exactly the form above (TUF's dates, TUF specification 4.2.1). INVALID_ARGUMENT
// otherwise.
StatusOr<Time> ParseUtcText(std::string_view text);

// "90s", "15m", "6h", "3d", "250ms", and sums such as "1h30m". INVALID_ARGUMENT for anything else,
// negatives included.
StatusOr<Duration> ParseDurationText(std::string_view text);
// The shortest such form: "6h", "1h30m", "250ms".
std::string DurationText(Duration duration);

std::int64_t UnixMillis(Time time);
Time FromUnixMillis(std::int64_t millis);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_TIME_H_
