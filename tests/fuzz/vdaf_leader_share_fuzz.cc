// The leader's input share on arbitrary bytes; what is accepted must be what it encodes to.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/prio3_shares.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using flotilla::vdaf::JointRandomness;
  using Share = flotilla::vdaf::LeaderShare<flotilla::vdaf::Field128>;
  const flotilla::Bytes bytes(data, data + size);
  for (const auto joint : {JointRandomness::kAbsent, JointRandomness::kPresent}) {
    const auto share = Share::Decode(bytes, 2, 3, joint);
    if (share.ok() && share->Encode(joint) != bytes) std::abort();
  }
  return 0;
}
