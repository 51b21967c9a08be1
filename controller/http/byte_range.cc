#include "controller/http/byte_range.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flotilla::http {
namespace {

// All of `text` as a number.
std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

constexpr std::string_view kUnit = "bytes=";

}  // namespace

StatusOr<std::optional<ByteRange>> ParseRange(std::string_view header, std::uint64_t size) {
  const std::size_t dash = header.find('-');
  if (!header.starts_with(kUnit) || dash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view first_text = header.substr(kUnit.size(), dash - kUnit.size());
  const std::string_view last_text = header.substr(dash + 1);
  const auto first = Number(first_text);
  const auto last = Number(last_text);
  if (first_text.empty() && last.has_value()) {  // the last bytes
    const std::uint64_t length = std::min(*last, size);
    if (length == 0) {
      return Status(StatusCode::kOutOfRange, "the range asks for nothing");
    }
    return ByteRange{size - length, length};
  }
  if (!first.has_value() || (!last_text.empty() && (!last.has_value() || *last < *first))) {
    return std::nullopt;
  }
  if (*first >= size) {
    return Status(StatusCode::kOutOfRange, "the range starts after the last byte");
  }
  const std::uint64_t end = last.has_value() ? std::min(*last, size - 1) : size - 1;
  return ByteRange{*first, end - *first + 1};
}

StatusOr<ContentRange> ParseContentRange(std::string_view header) {
  constexpr std::string_view kPrefix = "bytes ";
  const std::size_t dash = header.find('-');
  const std::size_t slash = header.find('/');
  if (header.starts_with(kPrefix) && dash != std::string_view::npos &&
      slash != std::string_view::npos && dash < slash) {
    const auto first = Number(header.substr(kPrefix.size(), dash - kPrefix.size()));
    const auto last = Number(header.substr(dash + 1, slash - dash - 1));
    const auto total = Number(header.substr(slash + 1));
    if (first.has_value() && last.has_value() && total.has_value() && *first <= *last &&
        *last < *total) {
      return ContentRange{*first, *last, *total};
    }
  }
  return InvalidArgument("Content-Range must read 'bytes FIRST-LAST/TOTAL'");
}

}  // namespace flotilla::http
