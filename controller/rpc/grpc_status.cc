#include "controller/rpc/grpc_status.h"

#include <cstddef>
#include <string>

#include "base/reason_trailer.h"
#include "base/retry_after.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;

}  // namespace

grpc::Status StatusToGrpc(const Status& status, grpc::ServerContextBase& context) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  if (const std::string reason = ReasonTrailerValue(status); !reason.empty()) {
    context.AddTrailingMetadata(kReasonTrailer, reason);
  }
  if (const std::string wait = RetryAfterTrailerValue(status); !wait.empty()) {
    context.AddTrailingMetadata(kRetryAfterTrailer, wait);
  }
  // The numbers of absl::StatusCode are those of gRPC.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      MessageOf(status).substr(0, kMaxTextBytes));
}

Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  if (status.ok()) {
    return OkStatus();
  }
  Status told(static_cast<StatusCode>(status.error_code()), status.error_message());
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto reason = trailers.find(kReasonTrailer); reason != trailers.end()) {
    told = WithReasonTrailer(told, {reason->second.data(), reason->second.size()});
  }
  if (const auto wait = trailers.find(kRetryAfterTrailer); wait != trailers.end()) {
    told = WithRetryAfterTrailer(told, {wait->second.data(), wait->second.size()});
  }
  return told;
}

}  // namespace flotilla::controller
