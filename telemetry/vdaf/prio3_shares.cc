#include "telemetry/vdaf/prio3_shares.h"

#include <algorithm>
#include <string>

namespace flotilla::vdaf {

Status CheckSize(ByteView bytes, std::size_t size, const char* what) {
  if (bytes.size() == size) return OkStatus();
  return InvalidArgument(std::string(what) + " has " + std::to_string(bytes.size()) +
                         " bytes instead of " + std::to_string(size));
}

Seed SeedAt(ByteView bytes, std::size_t at) {
  Seed seed{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), seed.size(), seed.begin());
  return seed;
}

void AppendSeed(const Seed& seed, Bytes& bytes) {
  bytes.insert(bytes.end(), seed.begin(), seed.end());
}

StatusOr<HelperShare> HelperShare::Decode(ByteView bytes, JointRandomness joint) {
  const bool blinded = joint == JointRandomness::kPresent;
  FLOTILLA_RETURN_IF_ERROR(
      CheckSize(bytes, (blinded ? 2 : 1) * sizeof(Seed), "a helper's input share"));
  HelperShare share;
  share.seed = SeedAt(bytes, 0);
  if (blinded) share.blind = SeedAt(bytes, sizeof(Seed));
  return share;
}

Bytes HelperShare::Encode(JointRandomness joint) const {
  Bytes bytes(seed.begin(), seed.end());
  if (joint == JointRandomness::kPresent) AppendSeed(blind, bytes);
  return bytes;
}

}  // namespace flotilla::vdaf
