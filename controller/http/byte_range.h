#ifndef FLOTILLA_CONTROLLER_HTTP_BYTE_RANGE_H_
#define FLOTILLA_CONTROLLER_HTTP_BYTE_RANGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"

namespace flotilla::http {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

// A Range header of one range against a body of `size` bytes (RFC 9110 section 14.2). nullopt: the
// header is absent, has several ranges, another unit or no sense, and the whole body is sent.
// OUT_OF_RANGE: nothing of the body is in it (416).
StatusOr<std::optional<ByteRange>> ParseRange(std::string_view header, std::uint64_t size);

// "bytes 0-99/1000" of an upload (RFC 9110 section 14.4). INVALID_ARGUMENT otherwise.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t total = 0;
};
StatusOr<ContentRange> ParseContentRange(std::string_view header);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_BYTE_RANGE_H_
