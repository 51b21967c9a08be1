#include "telemetry/schema/report_moment.h"

#include <cstdint>

#include "absl/time/time.h"

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::schema {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kLongestSeconds = 366 * kDaySeconds;
constexpr std::int64_t kFarthestSeconds = 10'000 * kLongestSeconds;

}  // namespace

StatusOr<WindowSpan> WindowAt(Time now, Duration length) {
  const std::int64_t seconds = absl::ToInt64Seconds(length);
  if (seconds < 1 || seconds > kLongestSeconds || length != absl::Seconds(seconds)) {
    return InvalidArgument("the length of a window is whole seconds, 1 s to 366 days");
  }
  const std::int64_t at = absl::ToUnixSeconds(now);  // rounds down, before the epoch too
  if (at < -kFarthestSeconds || at > kFarthestSeconds) {
    return InvalidArgument("no window lies at such a time");
  }
  const std::int64_t into = (at % seconds + seconds) % seconds;
  const Time start = absl::FromUnixSeconds(at - into);
  return WindowSpan{.start = start, .end = start + length};
}

StatusOr<Time> ReportMoment(Time now, Duration length, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const WindowSpan window, WindowAt(now, length));
  const auto millis = static_cast<std::uint64_t>(absl::ToInt64Milliseconds(length));
  const std::uint64_t after = UniformBelow(random, millis);
  return window.end + absl::Milliseconds(static_cast<std::int64_t>(after));
}

}  // namespace flotilla::schema
