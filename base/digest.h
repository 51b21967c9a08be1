// A SHA-256 value. security/sha256.h computes it; this is the type that carries it.
#ifndef FLOTILLA_BASE_DIGEST_H_
#define FLOTILLA_BASE_DIGEST_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla {

class Digest {
 public:
  static constexpr std::size_t kSize = 32;

  // All zero: the digest of nothing; compares equal to no computed digest.
  Digest() = default;
  explicit Digest(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

  // INVALID_ARGUMENT unless `bytes` is 32 long.
  static StatusOr<Digest> FromBytes(ByteView bytes);
  // INVALID_ARGUMENT unless `text` is 64 lower-case hex digits.
  static StatusOr<Digest> FromHex(std::string_view text);

  ByteView bytes() const { return bytes_; }
  std::string ToHex() const;
  bool IsZero() const;

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace flotilla

template <>
struct std::hash<flotilla::Digest> {
  std::size_t operator()(const flotilla::Digest& digest) const noexcept;
};

#endif  // FLOTILLA_BASE_DIGEST_H_
