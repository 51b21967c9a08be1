// Who could answer: from an operator's request and the fleet to what is to be asked.
#ifndef FLOTILLA_CONTROLLER_HEALTH_COHORT_H_
#define FLOTILLA_CONTROLLER_HEALTH_COHORT_H_

#include <set>
#include <string>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/health.pb.h"

#include "base/digest.h"
#include "base/status.h"
#include "controller/health/task_draft.h"
#include "controller/rollout/fleet_view.h"

namespace flotilla::controller {

// The devices of the cohort are those in use (neither revoked nor decommissioned) that run the
// release on its line; in a demonstration all in use. `baseline`: version of the line's baseline,
// empty when it has none. INVALID_ARGUMENT: no such metric or release, or a field that does not
// fit. Pure.
StatusOr<TaskAsk> AskOf(const v1::CreateHealthTaskRequest& request, const std::string& baseline,
                        const rollout::FleetView& fleet);

// Digests of the release documents that the device runs.
std::set<Digest> ReleasesOf(const v1::Device& device);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_COHORT_H_
