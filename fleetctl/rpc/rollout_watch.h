#ifndef FLOTILLA_FLEETCTL_RPC_ROLLOUT_WATCH_H_
#define FLOTILLA_FLEETCTL_RPC_ROLLOUT_WATCH_H_

#include <functional>
#include <string>

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"
#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// What a caller of WatchRollout wants after a change.
enum class Watching { kUnspecified = 0, kGoOn, kEnough };

// Calls `on_change` with the rollout as it is now and after every change, until it says enough. A
// controller that goes away is waited for. DEADLINE_EXCEEDED after --timeout, where that was
// stated; NOT_FOUND and what else a person has to mend end it at once.
Status WatchRollout(const Cli& cli, const std::string& rollout_id,
                    const std::function<Watching(const v1::Rollout&)>& on_change);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_ROLLOUT_WATCH_H_
