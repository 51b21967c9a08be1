#ifndef FLOTILLA_OTA_FETCH_CONTENT_RANGE_H_
#define FLOTILLA_OTA_FETCH_CONTENT_RANGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace flotilla::ota {

// RFC 9110, 14.4: "bytes 0-499/1234" or "bytes 0-499/*".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;
};

// Nothing for any other text, for last < first and for last >= total. White space around it is
// allowed.
std::optional<ContentRange> ParseContentRange(std::string_view text);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FETCH_CONTENT_RANGE_H_
