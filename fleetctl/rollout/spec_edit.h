#ifndef FLOTILLA_FLEETCTL_ROLLOUT_SPEC_EDIT_H_
#define FLOTILLA_FLEETCTL_ROLLOUT_SPEC_EDIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"

namespace flotilla::fleetctl {

// What `rollout set` was asked for on the command line.
struct SpecEdit {
  std::optional<std::uint32_t> max_in_flight;
  std::optional<std::uint32_t> per_site;
  std::optional<std::uint32_t> max_extend;
  std::optional<std::string> rate;
  std::optional<std::string> rate_max;
  // A duration.
  std::optional<std::string> soak;
  // Empty: every wave.
  std::string wave;
  // As ReadWindow takes them; they replace those that there are.
  std::vector<std::string> windows;
  bool no_windows = false;
};

// The rollout's specification with the edit in it, its waves named. INVALID_ARGUMENT: nothing to
// change, an option that cannot be read, or no such wave.
StatusOr<v1::RolloutSpec> EditedSpec(const v1::Rollout& rollout, const SpecEdit& edit);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_ROLLOUT_SPEC_EDIT_H_
