// From what is published to a stage, and from a stage to what is published.
#ifndef FLOTILLA_FLEETCTL_RPC_STAGE_PUBLICATION_H_
#define FLOTILLA_FLEETCTL_RPC_STAGE_PUBLICATION_H_

#include <optional>
#include <string>

#include "flotilla/v1/release.pb.h"

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "fleetctl/cli/cli.h"
#include "fleetctl/trust/stage.h"

namespace flotilla::fleetctl {

// The newest root and targets (and `role`, unless empty) of the controller become what the stage
// replaces. A role that is not published yet is left out; NOT_FOUND when there is no root.
Status TrustPublished(const Cli& cli, DurableFs& fs, const std::string& role, Stage& stage);

// FAILED_PRECONDITION, naming who is missing, unless every threshold of the stage is met and
// nothing in it has expired at `now`.
Status CheckReady(const Stage& stage, Time now);

// CheckReady, then CheckDevicesWalk over the controller's roots, then publishes all files. The
// controller checks again, as a device that knows only the first root.
StatusOr<v1::PublishMetadataResponse> PublishStage(const Cli& cli, const Stage& stage,
                                                   const std::optional<Bytes>& first_root,
                                                   Time now);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_STAGE_PUBLICATION_H_
