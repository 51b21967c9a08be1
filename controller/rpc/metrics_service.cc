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

void TakeUpload(HealthDesk* desk, const std::string& device_id, const v1::UploadRequest& request,
                const std::function<void(const StatusOr<v1::UploadResponse>&)>& done) {
  if (const Status good = CheckForm(request); !good.ok()) {
    done(good);
    return;
  }
  if (desk == nullptr) {
    v1::UploadResponse response;
    response.set_result(v1::UPLOAD_RESULT_UNKNOWN_TASK);
    done(response);
    return;
  }
  desk->Upload(device_id, ToBytes(request.report()),
               [done](const StatusOr<v1::UploadResult>& result) {
                 v1::UploadResponse response;
                 response.set_result(result.value_or(v1::UPLOAD_RESULT_UNSPECIFIED));
                 done(result.ok() ? StatusOr<v1::UploadResponse>(response) : result.status());
               });
}

grpc::ServerUnaryReactor* MetricsService::Upload(grpc::CallbackServerContext* context,
                                                 const v1::UploadRequest* request,
                                                 v1::UploadResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto peer = gate_.Check(*context, security::PeerKind::kDevice);
  if (!peer.ok()) {
    reactor->Finish(StatusToGrpc(peer.status(), *context));
    return reactor;
  }
  TakeUpload(desk_, peer->name, *request,
             [reactor, context, response](const StatusOr<v1::UploadResponse>& answer) {
               if (answer.ok()) {
                 *response = *answer;
               }
               reactor->Finish(StatusToGrpc(answer.status(), *context));
             });
  return reactor;
}

}  // namespace flotilla::controller
