#include "base/digest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace flotilla {

StatusOr<Digest> Digest::FromBytes(ByteView bytes) {
  if (bytes.size() != kSize) {
    return InvalidArgument("a digest has 32 bytes, not " + std::to_string(bytes.size()));
  }
  Digest digest;
  std::copy(bytes.begin(), bytes.end(), digest.bytes_.begin());
  return digest;
}

StatusOr<Digest> Digest::FromHex(std::string_view text) {
  const bool upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  if (text.size() != 2 * kSize || upper) {
    return InvalidArgument("a digest is written as 64 lower-case hex digits");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, HexDecode(text));
  return FromBytes(bytes);
}

std::string Digest::ToHex() const {
  return HexEncode(bytes_);
}

bool Digest::IsZero() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace flotilla

std::size_t std::hash<flotilla::Digest>::operator()(const flotilla::Digest& digest) const noexcept {
  // The value is uniform already: its first bytes are as good a hash as any.
  std::size_t value = 0;
  std::memcpy(&value, digest.bytes().data(), sizeof value);
  return value;
}
