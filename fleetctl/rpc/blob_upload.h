#ifndef FLOTILLA_FLEETCTL_RPC_BLOB_UPLOAD_H_
#define FLOTILLA_FLEETCTL_RPC_BLOB_UPLOAD_H_

#include <vector>

#include "base/status.h"
#include "fleetctl/cli/cli.h"
#include "fleetctl/release/release_plan.h"

namespace flotilla::fleetctl {

// Brings the targets' bytes to the controller: asks which it lacks, then uploads those, going on
// where an earlier try stopped. Progress on standard error of a terminal. Blocking.
Status UploadMissing(const Cli& cli, const std::vector<PlannedTarget>& targets);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_BLOB_UPLOAD_H_
