// The leaf map on arbitrary bytes; what it accepts must be what it writes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ota/format/leaf_map.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const flotilla::Bytes bytes(data, data + size);
  const auto map = flotilla::ota::LeafMap::Parse(bytes);
  if (map.ok() && map->Encode() != bytes) {
    std::abort();
  }
  return 0;
}
