#include "agent/session/grpc_status.h"

#include "base/reason_trailer.h"
#include "base/retry_after.h"

namespace flotilla::agent {

Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  if (status.ok()) {
    return OkStatus();
  }
  Status converted(static_cast<StatusCode>(status.error_code()), status.error_message());
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto reason = trailers.find(kReasonTrailer); reason != trailers.end()) {
    converted = WithReasonTrailer(converted, {reason->second.data(), reason->second.size()});
  }
  if (const auto wait = trailers.find(kRetryAfterTrailer); wait != trailers.end()) {
    converted = WithRetryAfterTrailer(converted, {wait->second.data(), wait->second.size()});
  }
  return converted;
}

}  // namespace flotilla::agent
