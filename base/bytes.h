// Byte strings, and the two text forms they take.
#ifndef FLOTILLA_BASE_BYTES_H_
#define FLOTILLA_BASE_BYTES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace flotilla {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// The same memory seen as bytes; valid as long as `text` is.
ByteView AsBytes(std::string_view text);
// The same memory seen as text; valid as long as `bytes` is.
std::string_view AsText(ByteView bytes);
Bytes ToBytes(std::string_view text);
std::string ToText(ByteView bytes);

// Lower case, two digits a byte.
std::string HexEncode(ByteView bytes);
// Accepts lower and upper case. INVALID_ARGUMENT: odd length or another character.
StatusOr<Bytes> HexDecode(std::string_view text);

// RFC 4648 section 5 (URL and file name safe), no padding.
std::string Base64UrlEncode(ByteView bytes);
// Strict: no padding, no white space, no stray bits. INVALID_ARGUMENT otherwise.
StatusOr<Bytes> Base64UrlDecode(std::string_view text);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_BYTES_H_
