#ifndef FLOTILLA_AGENT_SESSION_GRPC_STATUS_H_
#define FLOTILLA_AGENT_SESSION_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "base/status.h"

namespace flotilla::agent {

// The same code and text; the numbers of both enums are the same by definition.
inline Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) {
    return OkStatus();
  }
  return Status(static_cast<StatusCode>(status.error_code()), status.error_message());
}

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_STATUS_H_
