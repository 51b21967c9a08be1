// Reads little-endian values out of a prefix of a file and never past its end.
#ifndef FLOTILLA_ENGINE_GGUF_BYTE_CURSOR_H_
#define FLOTILLA_ENGINE_GGUF_BYTE_CURSOR_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::gguf {

static_assert(std::endian::native == std::endian::little, "GGUF is little-endian, and so are we");

// Reading past the prefix gives OUT_OF_RANGE while the file still goes on, DATA_LOSS at its end.
class ByteCursor {
 public:
  ByteCursor(ByteView prefix, std::uint64_t file_bytes)
      : prefix_(prefix), file_bytes_(file_bytes) {}

  std::uint64_t position() const { return position_; }

  template <typename T>
  StatusOr<T> Read() {
    static_assert(std::is_trivially_copyable_v<T>);
    FLOTILLA_RETURN_IF_ERROR(Need(sizeof(T)));
    T value{};
    std::memcpy(&value, prefix_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  // A 64-bit length and as many bytes. DATA_LOSS when longer than `max_bytes`.
  StatusOr<std::string> ReadText(std::uint64_t max_bytes);
  Status Skip(std::uint64_t bytes);
  // The same for a string.
  Status SkipText();

 private:
  Status Need(std::uint64_t bytes) const;

  ByteView prefix_;
  std::uint64_t file_bytes_;
  std::uint64_t position_ = 0;
};

}  // namespace flotilla::gguf

#endif  // FLOTILLA_ENGINE_GGUF_BYTE_CURSOR_H_
