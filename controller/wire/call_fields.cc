#include "controller/wire/call_fields.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "base/reason_trailer.h"
#include "base/retry_after.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::size_t kMaxTimeoutDigits = 8;

std::optional<Duration> UnitOf(char unit) {
  switch (unit) {
    case 'H':
      return absl::Hours(1);
    case 'M':
      return absl::Minutes(1);
    case 'S':
      return absl::Seconds(1);
    case 'm':
      return absl::Milliseconds(1);
    case 'u':
      return absl::Microseconds(1);
    case 'n':
      return absl::Nanoseconds(1);
    default:
      return std::nullopt;
  }
}

// The first kMaxTextBytes, or less where that would cut a character of UTF-8.
std::string_view Cut(std::string_view text) {
  std::size_t end = std::min(text.size(), kMaxTextBytes);
  while (end < text.size() && end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

// "Percent-Encoded": printable ASCII but '%' stands for itself.
std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      encoded += c;
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<std::uint8_t>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

}  // namespace

std::optional<Duration> ParseGrpcTimeout(std::string_view value) {
  if (value.size() < 2 || value.size() > kMaxTimeoutDigits + 1) {
    return std::nullopt;
  }
  const auto unit = UnitOf(value.back());
  std::uint32_t count = 0;
  const char* const end = value.data() + value.size() - 1;
  const auto [stopped, error] = std::from_chars(value.data(), end, count);
  if (!unit.has_value() || error != std::errc() || stopped != end) {
    return std::nullopt;
  }
  return *unit * count;
}

std::vector<HeaderField> TrailersOf(const Status& status) {
  std::vector<HeaderField> fields = {
      {"grpc-status", absl::StrCat(static_cast<int>(status.code()))}};
  if (status.ok()) {
    return fields;
  }
  fields.emplace_back("grpc-message", PercentEncoded(Cut(MessageOf(status))));
  if (const std::string reason = ReasonTrailerValue(status); !reason.empty()) {
    // The name says that it is binary, so it travels in base64.
    fields.emplace_back(kReasonTrailer, absl::Base64Escape(reason));
  }
  if (std::string wait = RetryAfterTrailerValue(status); !wait.empty()) {
    fields.emplace_back(kRetryAfterTrailer, std::move(wait));
  }
  return fields;
}

}  // namespace flotilla::controller
