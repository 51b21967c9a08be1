// Verifier shares of both aggregators on arbitrary bytes, cut in the middle, of either VDAF.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "telemetry/vdaf/prio3.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto histogram =
      *flotilla::vdaf::NewPrio3Histogram({.buckets = 2, .chunk_length = 1}, 2);
  static const auto count = *flotilla::vdaf::NewPrio3Count(2);
  const std::vector<flotilla::Bytes> shares = {flotilla::Bytes(data, data + size / 2),
                                               flotilla::Bytes(data + size / 2, data + size)};
  (void)histogram->VerifierSharesToMessage({}, shares);
  (void)count->VerifierSharesToMessage({}, shares);
  return 0;
}
