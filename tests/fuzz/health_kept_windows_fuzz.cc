// Bytes of a file in the state folder: what is accepted encodes to the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "agent/health/kept_windows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::ByteView bytes(data, size);
  const auto decoded = flotilla::agent::DecodeKeptWindows(bytes);
  if (decoded.ok() &&
      flotilla::agent::EncodeKeptWindows(*decoded) != flotilla::Bytes(data, data + size)) {
    std::abort();
  }
  return 0;
}
