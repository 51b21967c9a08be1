// How long a failed call asks its caller to wait before the next: beside the status in this
// process, and as a trailer between two.
#ifndef FLOTILLA_BASE_RETRY_AFTER_H_
#define FLOTILLA_BASE_RETRY_AFTER_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/time.h"

namespace flotilla {

// Trailing metadata of a failed call: whole milliseconds in decimal digits.
inline constexpr char kRetryAfterTrailer[] = "flotilla-retry-after-ms";
// No peer is believed to ask for more.
inline constexpr Duration kMostRetryAfter = absl::Seconds(300);

// Keeps an OK status OK. What is there already stays, as with a reason. Clamped to
// [0, kMostRetryAfter].
Status WithRetryAfter(Status status, Duration delay);
// Nothing where none was attached.
std::optional<Duration> RetryAfterOf(const Status& status);

// The trailer's value; empty: there is none to send.
std::string RetryAfterTrailerValue(const Status& status);
// `status` with what the peer's trailer asks for. Anything but a decimal number is passed over.
Status WithRetryAfterTrailer(const Status& status, std::string_view value);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_RETRY_AFTER_H_
