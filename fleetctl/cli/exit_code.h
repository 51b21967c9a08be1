#ifndef FLOTILLA_FLEETCTL_CLI_EXIT_CODE_H_
#define FLOTILLA_FLEETCTL_CLI_EXIT_CODE_H_

#include "base/status.h"

namespace flotilla::fleetctl {

// What scripts may rely on.
enum ExitCode : int {
  kExitOk = 0,
  kExitError = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  kExitNotPermitted = 4,
  kExitConflict = 5,
  kExitWaitTimedOut = 6,
  kExitServerUnavailable = 7,
  kExitPartlyDone = 8,
  // rollout status --wait
  kExitAborted = 20,
  kExitPaused = 21,
  kExitSuperseded = 22,
  // expiry
  kExitExpiresIn30Days = 30,
  kExitExpiresIn14Days = 31,
  kExitExpiresIn3Days = 32,
};

ExitCode ExitCodeOf(const Status& status);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_CLI_EXIT_CODE_H_
