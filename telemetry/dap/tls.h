// The presentation language of TLS (RFC 8446 section 3), in which all structures of DAP are
// written: whole numbers big-endian, byte strings with a length of one, two or four bytes in front.
#ifndef FLOTILLA_TELEMETRY_DAP_TLS_H_
#define FLOTILLA_TELEMETRY_DAP_TLS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::dap {

class TlsWriter {
 public:
  void U8(std::uint8_t value) { bytes_.push_back(value); }
  void U16(std::uint16_t value) { Number(value, 2); }
  void U32(std::uint32_t value) { Number(value, 4); }
  void U64(std::uint64_t value) { Number(value, 8); }
  void Raw(ByteView bytes);
  // opaque<0..2^8-1>, <0..2^16-1>, <0..2^32-1>. The caller knows that the bytes fit.
  void Opaque8(ByteView bytes) { Opaque(bytes, 1); }
  void Opaque16(ByteView bytes) { Opaque(bytes, 2); }
  void Opaque32(ByteView bytes) { Opaque(bytes, 4); }

  Bytes Take() && { return std::move(bytes_); }

 private:
  void Number(std::uint64_t value, int size);
  void Opaque(ByteView bytes, int length_size);

  Bytes bytes_;
};

// Reads from the front. The first thing that is not there fails the reader for good: whatever is
// read later is zero or empty, and Finish says so. Views are into the caller's bytes.
class TlsReader {
 public:
  explicit TlsReader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Number(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Number(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Number(4)); }
  std::uint64_t U64() { return Number(8); }
  ByteView Raw(std::size_t size);
  template <std::size_t N>
  std::array<std::uint8_t, N> Array() {
    std::array<std::uint8_t, N> array{};
    const ByteView bytes = Raw(N);
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
  }
  // Byte strings of `least` bytes at least.
  ByteView Opaque8(std::size_t least = 0) { return Opaque(1, least); }
  ByteView Opaque16(std::size_t least = 0) { return Opaque(2, least); }
  ByteView Opaque32(std::size_t least = 0) { return Opaque(4, least); }

  // What was read is complete but means nothing.
  void Fail() { failed_ = true; }
  bool failed() const { return failed_; }
  // Nothing is left, or nothing more can be read.
  bool AtEnd() const { return failed_ || rest_.empty(); }
  // INVALID_ARGUMENT: `what` is cut off, wrong, or followed by other bytes.
  Status Finish(const char* what) const;

 private:
  std::uint64_t Number(std::size_t size);
  ByteView Opaque(std::size_t length_size, std::size_t least);

  ByteView rest_;
  bool failed_ = false;
};

// A copy of what a reader's view shows.
inline Bytes Copy(ByteView view) {
  return {view.begin(), view.end()};
}

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_TLS_H_
