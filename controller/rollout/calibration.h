#ifndef FLOTILLA_CONTROLLER_ROLLOUT_CALIBRATION_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_CALIBRATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// What rollouts of good releases teach about a fleet's own trouble.
struct Calibration {
  double p0 = 0;
  double p1 = 0;
  // Evidence: judged devices, and failures as the judge counts them.
  std::uint32_t devices = 0;
  std::uint32_t failures = 0;
  // One sentence without a full stop.
  std::string why;
};

// The failure share that a good release has here: the upper end of the 90 % Wilson interval (E. B.
// Wilson, 1927) over all waves of these rollouts, with a quarter of the devices since failures come
// in bursts, never below the default p0; p1 stays as far above
// it as the defaults are apart. An A/A rollout (the same release again) counts whatever became of
// it, so give completed ones and those. FAILED_PRECONDITION: fewer devices than a clean pass needs;
// a share at which no release could be judged.
StatusOr<Calibration> Calibrate(const std::vector<v1::Rollout>& rollouts);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_CALIBRATION_H_
