#include "controller/rpc/front_services.h"

#include <functional>
#include <memory>
#include <utility>

#include <grpc/grpc_security_constants.h>

#include "base/bytes.h"
#include "base/reason_trailer.h"
#include "controller/rpc/front_session.h"
#include "controller/rpc/grpc_status.h"
#include "security/x509/peer.h"

namespace flotilla::controller {
namespace {

// A call at the leader that ends, at the latest, with the device's own.
struct ForwardedCall {
  std::unique_ptr<grpc::ClientContext> context;
};

// `start` begins the call at the leader; its answer is the device's.
template <typename Start>
grpc::ServerUnaryReactor* Forward(const PeerGate& gate, const LeaderChannel& leader,
                                  grpc::CallbackServerContext& context, Start start) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  const auto device = CallingDevice(gate, context);
  const auto channel = leader.Get();
  if (!device.ok() || channel == nullptr) {
    const Status status =
        device.ok() ? Unavailable("no controller leads just now") : Status(device.status());
    reactor->Finish(StatusToGrpc(status, context));
    return reactor;
  }
  auto call = std::make_shared<ForwardedCall>();
  call->context = grpc::ClientContext::FromCallbackServerContext(context);
  call->context->AddMetadata(kForwardedDevice, *device);
  grpc::ClientContext* const forwarded = call->context.get();
  start(channel, forwarded, [reactor, &context, call](const grpc::Status& status) {
    const auto& trailers = call->context->GetServerTrailingMetadata();
    if (const auto reason = trailers.find(kReasonTrailer); reason != trailers.end()) {
      context.AddTrailingMetadata(kReasonTrailer, {reason->second.data(), reason->second.size()});
    }
    reactor->Finish(status);
  });
  return reactor;
}

}  // namespace

StatusOr<std::string> CallingDevice(const PeerGate& gate, const grpc::ServerContextBase& context) {
  FLOTILLA_RETURN_IF_ERROR(gate.Check(context, security::PeerKind::kDevice).status());
  const auto pem = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  FLOTILLA_ASSIGN_OR_RETURN(
      const Bytes der, security::CertificatePemToDer({pem.front().data(), pem.front().size()}));
  return ToText(der);
}

grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionResponse>* FrontSessions::Session(
    grpc::CallbackServerContext* context) {
  admission_.OnSessionOpened(context->peer());
  return FrontSession::Open(desk_, *context, admission_, CallingDevice(gate_, *context));
}

grpc::ServerUnaryReactor* FrontMetrics::Upload(grpc::CallbackServerContext* context,
                                               const v1::UploadRequest* request,
                                               v1::UploadResponse* response) {
  return Forward(gate_, leader_, *context,
                 [request, response](const auto& channel, grpc::ClientContext* call, auto done) {
                   const std::shared_ptr<v1::MetricsService::Stub> stub =
                       v1::MetricsService::NewStub(channel);
                   stub->async()->Upload(call, request, response,
                                         [stub, done](const grpc::Status& s) { done(s); });
                 });
}

grpc::ServerUnaryReactor* FrontHealthTasks::GetHealthTasks(grpc::CallbackServerContext* context,
                                                           const v1::GetHealthTasksRequest* request,
                                                           v1::GetHealthTasksResponse* response) {
  return Forward(gate_, leader_, *context,
                 [request, response](const auto& channel, grpc::ClientContext* call, auto done) {
                   const std::shared_ptr<v1::HealthTaskService::Stub> stub =
                       v1::HealthTaskService::NewStub(channel);
                   stub->async()->GetHealthTasks(call, request, response,
                                                 [stub, done](const grpc::Status& s) { done(s); });
                 });
}

}  // namespace flotilla::controller
