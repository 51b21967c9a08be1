#include "base/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "absl/strings/cord.h"

namespace flotilla {
namespace {

constexpr char kRetryAfterUrl[] = "flotilla/retry-after-ms";

std::optional<Duration> ParseMillis(std::string_view text) {
  std::uint64_t millis = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, millis);
  const bool is_number = parsed.ptr == end && !text.empty() && parsed.ec == std::errc();
  if (!is_number) {
    return std::nullopt;
  }
  const auto most = static_cast<std::uint64_t>(absl::ToInt64Milliseconds(kMostRetryAfter));
  return absl::Milliseconds(static_cast<std::int64_t>(std::min(millis, most)));
}

}  // namespace

Status WithRetryAfter(Status status, Duration delay) {
  if (!status.ok() && !status.GetPayload(kRetryAfterUrl).has_value()) {
    const Duration bounded = std::clamp(delay, absl::ZeroDuration(), kMostRetryAfter);
    status.SetPayload(kRetryAfterUrl,
                      absl::Cord(std::to_string(absl::ToInt64Milliseconds(bounded))));
  }
  return status;
}

std::optional<Duration> RetryAfterOf(const Status& status) {
  const std::string value = RetryAfterTrailerValue(status);
  return value.empty() ? std::nullopt : ParseMillis(value);
}

std::string RetryAfterTrailerValue(const Status& status) {
  const auto payload = status.GetPayload(kRetryAfterUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

Status WithRetryAfterTrailer(const Status& status, std::string_view value) {
  const std::optional<Duration> asked = ParseMillis(value);
  return asked.has_value() ? WithRetryAfter(status, *asked) : status;
}

}  // namespace flotilla
