// A device that left the fleet: state_dir/decommissioned says so and what goes with it.
#ifndef FLOTILLA_AGENT_ENROL_DECOMMISSION_H_
#define FLOTILLA_AGENT_ENROL_DECOMMISSION_H_

#include <filesystem>

#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::agent {

enum class ModelFate { kUnspecified = 0, kKeep, kWipe };

// Writes the mark, then wipes every key. After a crash FinishLeaving does the rest.
Status BeginLeaving(DurableFs& fs, const std::filesystem::path& state_dir, ModelFate models);
bool HasLeftFleet(const std::filesystem::path& state_dir);
// With nothing of the state folder open: wipes what BeginLeaving could not, the control state
// (desired state, outbox), and the models when the mark says so. Idempotent.
Status FinishLeaving(DurableFs& fs, const std::filesystem::path& state_dir);
// The device is to be enrolled again.
Status ForgetLeaving(DurableFs& fs, const std::filesystem::path& state_dir);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_DECOMMISSION_H_
