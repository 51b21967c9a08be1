// Gates of made-up fleets: verdicts are drawn, the noise is the product's exact samplers', and the
// judge is the product's. The protocol between is left out: its sums are exact.
#ifndef FLOTILLA_TESTS_BENCH_PRIVACY_HEALTH_GATE_SIM_H_
#define FLOTILLA_TESTS_BENCH_PRIVACY_HEALTH_GATE_SIM_H_

#include <cstdint>
#include <random>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "controller/rollout/health_gate.h"

namespace flotilla::rollout {

// What is true of the devices.
struct GateTruth {
  std::uint64_t canary = 0;
  std::uint64_t control = 0;
  double base_rate = 0.03;  // of bad verdicts, of devices with data
  double regression = 0;    // added on the canary arm
  double no_data = 0;       // share of devices
  // Share of devices that say the same in the second look as in the first. The others say anew.
  double carry = 0.5;
  // What the aggregators add; unlike the policy's in a mutant.
  dp::NoisePolicy noise;
};

// Of `runs` gates, each played to its last look.
struct GateTally {
  std::uint32_t runs = 0;
  std::uint32_t second_looks = 0;
  std::uint32_t first_fails = 0;
  std::uint32_t second_fails = 0;
  std::uint32_t passes = 0;
  std::uint32_t holds = 0;       // after the last look
  std::uint32_t smoke_only = 0;  // of the holds, and those of too few reports

  std::uint32_t fails() const { return first_fails + second_fails; }
};

// The same for the same seed. Errors of the samplers and the judge.
StatusOr<GateTally> PlayGates(const HealthGatePolicy& policy, const GateTruth& truth,
                              std::uint32_t runs, std::uint64_t seed);

// The largest count that as many trials of this probability exceed with at most `tail`.
std::uint32_t BinomialBound(std::uint32_t trials, double probability, double tail);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_TESTS_BENCH_PRIVACY_HEALTH_GATE_SIM_H_
