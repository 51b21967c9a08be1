#include "base/time.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace flotilla {
namespace {

constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
constexpr std::int64_t kMaxAmount = 1'000'000'000;

bool HasForm(std::string_view text) {
  if (text.size() != kForm.size()) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) {
      return false;
    }
  }
  return true;
}

StatusOr<Duration> UnitOf(std::string_view unit) {
  if (unit == "ms") {
    return absl::Milliseconds(1);
  }
  if (unit == "s") {
    return absl::Seconds(1);
  }
  if (unit == "m") {
    return absl::Minutes(1);
  }
  if (unit == "h") {
    return absl::Hours(1);
  }
  if (unit == "d") {
    return absl::Hours(24);
  }
  return InvalidArgument("a duration needs a unit of ms, s, m, h or d");
}

}  // namespace

std::string UtcText(Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

StatusOr<Time> ParseUtcText(std::string_view text) {
  Time time;
  std::string error;
  if (!HasForm(text) ||
      !absl::ParseTime("%Y-%m-%dT%H:%M:%SZ", absl::string_view(text.data(), text.size()),
                       absl::UTCTimeZone(), &time, &error)) {
    return InvalidArgument("'" + std::string(text.substr(0, 64)) +
                           "' is no time like 2026-01-31T23:59:59Z");
  }
  if (UtcText(time) != text) {
    return InvalidArgument("'" + std::string(text) +
                           "' is no day of the calendar or hour of the clock");
  }
  return time;
}

StatusOr<Duration> ParseDurationText(std::string_view text) {
  const std::string shown(text.substr(0, 64));
  Duration sum = absl::ZeroDuration();
  std::size_t at = 0;
  if (text.empty()) {
    return InvalidArgument("a duration is empty: write 90s, 15m, 6h or 3d");
  }
  while (at < text.size()) {
    std::int64_t amount = 0;
    const std::size_t digits_from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && amount < kMaxAmount) {
      amount = amount * 10 + (text[at] - '0');
      ++at;
    }
    const std::size_t unit_from = at;
    while (at < text.size() && text[at] >= 'a' && text[at] <= 'z') {
      ++at;
    }
    const auto unit = UnitOf(text.substr(unit_from, at - unit_from));
    if (unit_from == digits_from || !unit.ok()) {
      return InvalidArgument("'" + shown + "' is no duration: write 90s, 15m, 6h or 3d");
    }
    sum += amount * *unit;
  }
  return sum;
}

std::string DurationText(Duration duration) {
  std::int64_t millis = absl::ToInt64Milliseconds(duration);
  if (millis == 0) {
    return "0s";
  }
  struct Unit {
    std::int64_t millis;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}, {1, "ms"}};
  std::string text;
  if (millis < 0) {
    text = "-";
    millis = -millis;
  }
  for (const Unit& unit : kUnits) {
    if (millis >= unit.millis) {
      text += std::to_string(millis / unit.millis);
      text += unit.name;
      millis %= unit.millis;
    }
  }
  return text;
}

std::int64_t UnixMillis(Time time) {
  return absl::ToUnixMillis(time);
}

Time FromUnixMillis(std::int64_t millis) {
  return absl::FromUnixMillis(millis);
}

}  // namespace flotilla
