#include "telemetry/dap/tls.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace flotilla::dap {

void TlsWriter::Raw(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void TlsWriter::Number(std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes_.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void TlsWriter::Opaque(ByteView bytes, int length_size) {
  Number(bytes.size(), length_size);
  Raw(bytes);
}

ByteView TlsReader::Raw(std::size_t size) {
  if (failed_ || rest_.size() < size) {
    failed_ = true;
    return {};
  }
  const ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::uint64_t TlsReader::Number(std::size_t size) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : Raw(size)) value = value << 8 | byte;
  return value;
}

ByteView TlsReader::Opaque(std::size_t length_size, std::size_t least) {
  const ByteView bytes = Raw(static_cast<std::size_t>(Number(length_size)));
  if (bytes.size() < least) failed_ = true;
  return bytes;
}

Status TlsReader::Finish(const char* what) const {
  if (failed_) return InvalidArgument(std::string(what) + " is cut off or malformed");
  if (!rest_.empty()) return InvalidArgument("bytes follow " + std::string(what));
  return OkStatus();
}

}  // namespace flotilla::dap
