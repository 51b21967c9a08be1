#include "controller/rpc/metrics_service.h"

#include <cstddef>

#include "google/protobuf/unknown_field_set.h"

#include "controller/rpc/grpc_status.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxReportBytes = std::size_t{2} * 1024;

// A field that this program does not know could hold anything.
Status CheckForm(const v1::UploadRequest& request) {
  if (!request.GetReflection()->GetUnknownFields(request).empty()) {
    return InvalidArgument("a report with fields that are not of this protocol");
  }
  return request.report().size() <= kMaxReportBytes ? OkStatus()
                                                    : InvalidArgument("no report is so long");
}

}  // namespace

grpc::ServerUnaryReactor* MetricsService::Upload(grpc::CallbackServerContext* context,
                                                 const v1::UploadRequest* request,
                                                 v1::UploadResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto peer = gate_.Check(*context, security::PeerKind::kDevice);
  const Status good = peer.ok() ? CheckForm(*request) : peer.status();
  if (!good.ok()) {
    reactor->Finish(StatusToGrpc(good, *context));
    return reactor;
  }
  if (desk_ == nullptr) {
    response->set_result(v1::UPLOAD_RESULT_UNKNOWN_TASK);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  desk_->Upload(peer->name, ToBytes(request->report()),
                [reactor, context, response](const StatusOr<v1::UploadResult>& result) {
                  if (result.ok()) {
                    response->set_result(*result);
                  }
                  reactor->Finish(StatusToGrpc(result.status(), *context));
                });
  return reactor;
}

}  // namespace flotilla::controller
