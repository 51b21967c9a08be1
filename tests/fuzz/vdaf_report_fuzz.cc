// A report on arbitrary bytes: its public share, then the input share of leader or helper.
#include <cstddef>
#include <cstdint>

#include "telemetry/vdaf/prio3.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto prio3 =
      *flotilla::vdaf::NewPrio3Histogram({.buckets = 5, .chunk_length = 2}, 2);
  const flotilla::ByteView bytes(data, size);
  const std::size_t split = size < 64 ? size : 64;
  for (const std::uint32_t aggregator : {0U, 1U}) {
    (void)prio3->VerifyInit({}, {}, aggregator, {}, bytes.first(split), bytes.subspan(split));
  }
  return 0;
}
