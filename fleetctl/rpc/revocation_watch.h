#ifndef FLOTILLA_FLEETCTL_RPC_REVOCATION_WATCH_H_
#define FLOTILLA_FLEETCTL_RPC_REVOCATION_WATCH_H_

#include <functional>
#include <string>

#include "flotilla/v1/revocation_service.pb.h"

#include "base/status.h"
#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// What a caller of WatchRevocation wants after a look.
enum class Looking { kUnspecified = 0, kGoOn, kEnough };

// Asks how far the devices are, ten times a second, and calls `on_look` with each answer, until it
// says enough. A controller that goes away is waited for. DEADLINE_EXCEEDED after --timeout, where
// that was stated; NOT_FOUND and what else a person has to mend end it at once.
Status WatchRevocation(const Cli& cli, const std::string& line, const std::string& version,
                       const std::function<Looking(const v1::RevocationStatus&)>& on_look);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_REVOCATION_WATCH_H_
