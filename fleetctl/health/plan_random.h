#ifndef FLOTILLA_FLEETCTL_HEALTH_PLAN_RANDOM_H_
#define FLOTILLA_FLEETCTL_HEALTH_PLAN_RANDOM_H_

#include <cstdint>
#include <random>
#include <span>

#include "base/random.h"

namespace flotilla::fleetctl {

// For plans that two people want to come to the same result: the same bytes for the same seed, on
// every machine. Fit for no secret. Not thread-safe.
class PlanRandom final : public Random {
 public:
  explicit PlanRandom(std::uint64_t seed) : engine_(seed) {}
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = static_cast<std::uint8_t>(engine_());
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_HEALTH_PLAN_RANDOM_H_
