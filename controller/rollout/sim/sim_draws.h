#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_DRAWS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_DRAWS_H_

#include <array>
#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace flotilla::rollout {

// Draws of a simulation. The same for the same bytes of `random`. Not thread-safe.
class SimDraws {
 public:
  // `random` must outlive it.
  explicit SimDraws(Random& random) : random_(random) {}

  // [0, 1).
  double Uniform();
  bool Chance(double probability) { return Uniform() < probability; }
  std::uint32_t Below(std::uint32_t limit);
  Duration Between(Duration least, Duration most) { return least + (most - least) * Uniform(); }
  Duration Exponential(Duration mean);
  // Half of them below `median`, two thirds within a factor of 1.6 of it.
  Duration Spread(Duration median);

 private:
  static constexpr std::size_t kBuffer = 4096;

  Random& random_;
  std::array<std::uint8_t, kBuffer> bytes_{};
  std::size_t at_ = kBuffer;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_DRAWS_H_
