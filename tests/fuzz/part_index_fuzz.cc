// The index of a download on arbitrary bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ota/part_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto content = flotilla::ota::ReadPartIndex({data, size}, flotilla::Digest(), 16);
  if (content.good_bytes > size || content.done.size() != 16) {
    std::abort();
  }
  return 0;
}
