#include "base/config/scalar_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace flotilla::config {
namespace {

std::string Quoted(std::string_view text) {
  return "'" + std::string(text.substr(0, 64)) + "'";
}

// True when all of `text` is one number of T.
template <typename T>
bool Whole(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end;
}

}  // namespace

StatusOr<bool> ParseBool(std::string_view text) {
  if (text == "true") {
    return true;
  }
  if (text == "false") {
    return false;
  }
  return InvalidArgument(Quoted(text) + " is neither true nor false");
}

StatusOr<std::int64_t> ParseSigned(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  if (!Whole(text, value) || value < least || value > most) {
    return InvalidArgument(Quoted(text) + " is no whole number from " + std::to_string(least) +
                           " to " + std::to_string(most));
  }
  return value;
}

StatusOr<std::uint64_t> ParseUnsigned(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  if (!Whole(text, value) || value > most) {
    return InvalidArgument(Quoted(text) + " is no whole number from 0 to " + std::to_string(most));
  }
  return value;
}

StatusOr<std::uint64_t> ParseSize(std::string_view text) {
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}};
  for (const auto& [unit, shift] : kUnits) {
    std::uint64_t value = 0;
    if (!text.ends_with(unit)) {
      continue;
    }
    if (!Whole(text.substr(0, text.size() - unit.size()), value) ||
        value > std::numeric_limits<std::uint64_t>::max() >> shift) {
      return InvalidArgument(Quoted(text) + " is no size such as 512Mi");
    }
    return value << shift;
  }
  std::uint64_t value = 0;
  if (!Whole(text, value)) {
    return InvalidArgument(Quoted(text) + " is neither a whole number nor a size such as 512Mi");
  }
  return value;
}

StatusOr<double> ParseNumber(std::string_view text, PercentSign percent) {
  std::string_view digits = text;
  double divisor = 1;
  if (digits.ends_with('%')) {
    digits.remove_suffix(1);
    divisor = percent == PercentSign::kDividesBy100 ? 100 : 1;
  }
  double value = 0;
  if (!Whole(digits, value) || !std::isfinite(value)) {
    return InvalidArgument(Quoted(text) + " is no number such as 0.01 or 1%");
  }
  return value / divisor;
}

}  // namespace flotilla::config
