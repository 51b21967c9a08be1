// Aggregate shares on arbitrary bytes, cut in the middle: added up, and unsharded.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "telemetry/vdaf/prio3.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto histogram =
      *flotilla::vdaf::NewPrio3Histogram({.buckets = 2, .chunk_length = 1}, 2);
  std::vector<flotilla::Bytes> shares = {flotilla::Bytes(data, data + size / 2),
                                         flotilla::Bytes(data + size / 2, data + size)};
  (void)histogram->Unshard(shares);
  (void)histogram->AddShare(shares[0], shares[1]);
  return 0;
}
