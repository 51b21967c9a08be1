#include "ota/fetch/content_range.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flotilla::ota {
namespace {

constexpr std::string_view kUnit = "bytes ";
constexpr std::string_view kSpace = " \t\r\n";

std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<ContentRange> ParseContentRange(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  if (!text.starts_with(kUnit)) {
    return std::nullopt;
  }
  text.remove_prefix(kUnit.size());
  const std::optional<std::uint64_t> first = TakeNumber(text);
  const bool dash = TakeChar(text, '-');
  const std::optional<std::uint64_t> last = TakeNumber(text);
  const bool slash = TakeChar(text, '/');
  if (!first || !dash || !last || !slash || *last < *first) {
    return std::nullopt;
  }
  ContentRange range;
  range.first = *first;
  range.last = *last;
  if (text == "*") {
    return range;
  }
  range.total = TakeNumber(text);
  if (!range.total || !text.empty() || *range.total <= range.last) {
    return std::nullopt;
  }
  return range;
}

}  // namespace flotilla::ota
