#include "agent/session/grpc_status.h"

#include "base/reason_trailer.h"

namespace flotilla::agent {

Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  if (status.ok()) {
    return OkStatus();
  }
  const Status converted(static_cast<StatusCode>(status.error_code()), status.error_message());
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kReasonTrailer);
  return found == trailers.end()
             ? converted
             : WithReasonTrailer(converted, {found->second.data(), found->second.size()});
}

}  // namespace flotilla::agent
