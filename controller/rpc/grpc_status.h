#ifndef FLOTILLA_CONTROLLER_RPC_GRPC_STATUS_H_
#define FLOTILLA_CONTROLLER_RPC_GRPC_STATUS_H_

#include <grpcpp/grpcpp.h>

#include "base/status.h"

namespace flotilla::controller {

// Trailing metadata with the FailureReason of a failed call: a decimal number.
inline constexpr char kReasonTrailer[] = "flotilla-reason-bin";

// The same code and text (cut at 1 KiB); a typed reason goes into `context`'s trailing metadata.
// Call once per call, before its Finish.
grpc::Status StatusToGrpc(const Status& status, grpc::ServerContextBase& context);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_GRPC_STATUS_H_
