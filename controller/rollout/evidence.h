#ifndef FLOTILLA_CONTROLLER_ROLLOUT_EVIDENCE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_EVIDENCE_H_

#include <cstdint>

#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// A wave's counters by what they mean.
struct WaveEvidence {
  // Not terminal, offered or not.
  std::uint32_t open = 0;
  // Busy, succeeded or failed by quality and counted: the n of the abort test.
  std::uint32_t attempted = 0;
  std::uint32_t succeeded = 0;
  std::uint32_t already_current = 0;
  std::uint32_t quality_failures = 0;
  // Without those that count together with another one of their site and hour.
  std::uint32_t counted_failures = 0;
  // 310, 315, 320: what the small-wave rule aborts at.
  std::uint32_t bad = 0;
  std::uint32_t degraded = 0;
  std::uint32_t delivery_failures = 0;
  std::uint32_t targeting = 0;
  std::uint32_t security = 0;
};

WaveEvidence EvidenceOf(const v1::Wave& wave);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_EVIDENCE_H_
