#ifndef FLOTILLA_CONTROLLER_ROLLOUT_COHORT_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_COHORT_H_

#include <cstdint>
#include <string_view>

namespace flotilla::rollout {

inline constexpr std::uint32_t kCohortBuckets = 10'000;

// BE64(SHA-256("cohort-v1" || 0 || salt || 0 || device_id)[0..8]): the place of a device in a
// rollout, the same on every machine. Smaller goes first.
std::uint64_t CohortHash(std::string_view salt, std::string_view device_id);

// CohortHash mod 10,000. A device belongs to p percent when its bucket is below 100 * p, so that
// raising a percentage only adds devices.
std::uint32_t CohortBucket(std::string_view salt, std::string_view device_id);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_COHORT_H_
