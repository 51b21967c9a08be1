// Wald's sequential probability ratio test over quality outcomes (A. Wald, Sequential Analysis,
// 1947).
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SPRT_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SPRT_H_

#include <cstdint>

#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// H0: a device fails with probability <= p0 (good release). H1: >= p1 (bad release).
class Sprt {
 public:
  // Zero fields take the defaults 0.01, 0.05, 0.01, 0.05. The policy was checked before.
  explicit Sprt(const v1::JudgePolicy& policy);

  // What one failure and one success add.
  double failure_step() const { return failure_step_; }
  double success_step() const { return success_step_; }
  // Abort at or above, pass at or below.
  double abort_bound() const { return abort_bound_; }
  double pass_bound() const { return pass_bound_; }

  double Llr(std::uint32_t failures, std::uint32_t successes) const;
  // n counts every device that attempted: those still busy count as good until they are known.
  bool Aborts(std::uint32_t failures, std::uint32_t attempted) const;
  // Counts resolved devices only.
  bool Passes(std::uint32_t failures, std::uint32_t successes) const;
  // Devices that a pass without any failure needs: 73 by default.
  std::uint32_t CleanPass() const;

 private:
  double failure_step_ = 0;
  double success_step_ = 0;
  double abort_bound_ = 0;
  double pass_bound_ = 0;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SPRT_H_
