// A rollout's specification: its checks and its defaults.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_SPEC_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_SPEC_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// INVALID_ARGUMENT names the field.
Status CheckSpec(const v1::RolloutSpec& spec);

// canary 1, early 5, broad 15, rest; `second_gate` opens the second wave.
std::vector<v1::WaveSpec> DefaultWaves(v1::Gate second_gate);

// The waves as they will run: the defaults where the spec has none. Expedited ones have no soak
// and no gate.
std::vector<v1::WaveSpec> WavesOf(const v1::RolloutSpec& spec);

// An expedited rollout needs this many approvals at least.
inline constexpr std::uint32_t kExpediteApprovals = 1;

// Places for offered and busy devices of a wave.
std::uint32_t InFlightCap(const v1::RolloutSpec& spec, const v1::WaveSpec& wave,
                          std::uint32_t wave_index);
// Places in the catch-up lane.
inline constexpr std::uint32_t kCatchUpCap = 25;

struct PhaseDeadlines {
  Duration download;
  Duration self_test;
  Duration activate;
  Duration wave;
  // Trial and activation together: a device without traffic confirms after ten trial durations.
  Duration trial;
};
PhaseDeadlines DeadlinesOf(const v1::RolloutSpec& spec);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_SPEC_H_
