#include "agent/session/grpc_status.h"

#include <charconv>

namespace flotilla::agent {
namespace {

constexpr char kReasonTrailer[] = "flotilla-reason-bin";

}  // namespace

Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  if (status.ok()) {
    return OkStatus();
  }
  const Status converted(static_cast<StatusCode>(status.error_code()), status.error_message());
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kReasonTrailer);
  int reason = 0;
  if (found != trailers.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), reason);
  }
  return reason == 0 ? converted : WithReasonNumber(converted, reason);
}

}  // namespace flotilla::agent
