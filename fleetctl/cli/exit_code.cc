#include "fleetctl/cli/exit_code.h"

namespace flotilla::fleetctl {

ExitCode ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return kExitOk;
    case StatusCode::kInvalidArgument:
      return kExitUsage;
    case StatusCode::kNotFound:
      return kExitNotFound;
    case StatusCode::kPermissionDenied:
    case StatusCode::kUnauthenticated:
      return kExitNotPermitted;
    case StatusCode::kAlreadyExists:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kAborted:
      return kExitConflict;
    case StatusCode::kDeadlineExceeded:
      return kExitWaitTimedOut;
    case StatusCode::kUnavailable:
      return kExitServerUnavailable;
    default:
      return kExitError;
  }
}

}  // namespace flotilla::fleetctl
