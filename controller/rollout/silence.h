// Did the update make devices fall silent?
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SILENCE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SILENCE_H_

#include <cstdint>

namespace flotilla::rollout {

// Devices of one group, and how many of them are overdue now.
struct SilenceGroup {
  std::uint32_t devices = 0;
  std::uint32_t silent = 0;
};

// z = (Lw - Lc) / sqrt(L (1 - L) (1/nw + 1/nc)) over updated and not yet updated devices in the
// same hours. Fires at z > 3 with a difference over one point and at least three silent updated
// devices. Without a control group it never fires.
bool SilenceFires(const SilenceGroup& updated, const SilenceGroup& control);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SILENCE_H_
