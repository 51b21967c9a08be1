#include "controller/rollout/cohort.h"

#include <string>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::rollout {

std::uint64_t CohortHash(std::string_view salt, std::string_view device_id) {
  std::string message("cohort-v1");
  message.push_back('\0');
  message.append(salt);
  message.push_back('\0');
  message.append(device_id);
  const Digest digest = security::Sha256(AsBytes(message));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    value = value << 8U | digest.bytes()[i];
  }
  return value;
}

std::uint32_t CohortBucket(std::string_view salt, std::string_view device_id) {
  return static_cast<std::uint32_t>(CohortHash(salt, device_id) % kCohortBuckets);
}

}  // namespace flotilla::rollout
