#include "controller/rpc/grpc_status.h"

#include <cstddef>
#include <string>

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;

}  // namespace

grpc::Status StatusToGrpc(const Status& status, grpc::ServerContextBase& context) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  const int reason = ReasonNumber(status);
  if (reason != 0) {
    context.AddTrailingMetadata(kReasonTrailer, std::to_string(reason));
  }
  // The numbers of absl::StatusCode are those of gRPC.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      MessageOf(status).substr(0, kMaxTextBytes));
}

}  // namespace flotilla::controller
