// Key bytes in memory that is wiped.
#ifndef FLOTILLA_SECURITY_SECRET_BYTES_H_
#define FLOTILLA_SECURITY_SECRET_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace flotilla::security {

// A fixed number of bytes, overwritten when it is destroyed or assigned to. A moved-from one is
// empty. Never logged, compared or printed.
class SecretBytes {
 public:
  SecretBytes() = default;
  // `size` zero bytes, to be filled.
  explicit SecretBytes(std::size_t size);
  explicit SecretBytes(ByteView bytes);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { Wipe(); }

  ByteView view() const { return {bytes_.get(), size_}; }
  std::span<std::uint8_t> span() { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }

 private:
  void Wipe();

  std::unique_ptr<std::uint8_t[]> bytes_;  // NOLINT(modernize-avoid-c-arrays): never reallocated
  std::size_t size_ = 0;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_SECRET_BYTES_H_
