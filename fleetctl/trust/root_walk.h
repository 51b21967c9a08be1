#ifndef FLOTILLA_FLEETCTL_TRUST_ROOT_WALK_H_
#define FLOTILLA_FLEETCTL_TRUST_ROOT_WALK_H_

#include <optional>

#include "base/bytes.h"
#include "base/status.h"
#include "fleetctl/trust/stage.h"
#include "security/tuf/client.h"

namespace flotilla::fleetctl {

// Walks 1..N as `published` has them and then the staged root, as a device does that knows only
// `first` (absent: 1.root.json as published). OK as well when the staged root is N already.
// Errors: those of the client, for the first root that a device would refuse. FAILED_PRECONDITION:
// the stage was made over another root than the newest.
Status CheckDevicesWalk(tuf::MetadataFetcher& published, const std::optional<Bytes>& first,
                        const Stage& stage);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_ROOT_WALK_H_
