#ifndef FLOTILLA_CONTROLLER_RPC_GRPC_STATUS_H_
#define FLOTILLA_CONTROLLER_RPC_GRPC_STATUS_H_

#include <grpcpp/grpcpp.h>

#include "base/status.h"

namespace flotilla::controller {

// The same code and text (cut at 1 KiB); a typed reason and the wait that is asked for go into
// `context`'s trailing metadata (base/reason_trailer.h, base/retry_after.h).
// Call once per call, before its Finish.
grpc::Status StatusToGrpc(const Status& status, grpc::ServerContextBase& context);

// How a call that was made ended, with what its trailers say beside code and text.
Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_GRPC_STATUS_H_
