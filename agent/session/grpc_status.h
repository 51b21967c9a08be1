#ifndef FLOTILLA_AGENT_SESSION_GRPC_STATUS_H_
#define FLOTILLA_AGENT_SESSION_GRPC_STATUS_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "base/status.h"

namespace flotilla::agent {

// The same code and text (the numbers of both enums are the same by definition), and the typed
// reason and the wait that the controller put into the call's trailers.
Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_GRPC_STATUS_H_
