#include "controller/rpc/front_calls.h"

#include <algorithm>
#include <string>
#include <utility>

#include <grpcpp/generic/generic_stub.h>

#include "base/bytes.h"
#include "controller/rpc/device_site_calls.h"
#include "controller/rpc/front_session.h"
#include "controller/rpc/grpc_status.h"
#include "controller/rpc/health_task_service.h"
#include "controller/rpc/metrics_service.h"
#include "security/x509/peer.h"

namespace flotilla::controller {
namespace {

// For a call of a device that did not say how long it waits.
constexpr Duration kLongestCall = absl::Seconds(60);

// The certificate of the device that calls, DER. PeerGate::Check's errors.
StatusOr<std::string> DeviceDer(const PeerGate& gate, const CallHead& head) {
  FLOTILLA_RETURN_IF_ERROR(
      gate.Check(CallPeer{head.peer, head.certificate_pem, {}}, security::PeerKind::kDevice)
          .status());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes der, security::CertificatePemToDer(head.certificate_pem));
  return ToText(der);
}

// A device's call, made anew at the leader.
struct LeadersCall {
  explicit LeadersCall(const std::shared_ptr<grpc::Channel>& leader) : stub(leader) {}

  grpc::GenericStub stub;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

UnaryCall::Handle Forward(FrontDesk& desk, const CallHead& head, const std::string& device_der) {
  const Duration limit = std::min(head.timeout, kLongestCall);
  return [&desk, method = head.method, device_der, limit](std::string_view request,
                                                          UnaryCall::Answer answer) {
    const auto leader = desk.leader().Get();
    if (leader == nullptr) {
      answer(Unavailable("no controller leads just now"));
      return std::function<void()>();
    }
    auto call = std::make_shared<LeadersCall>(leader);
    call->context.AddMetadata(kForwardedDevice, device_der);
    call->context.set_deadline(absl::ToChronoTime(desk.clock().Now() + limit));
    const grpc::Slice bytes(request.data(), request.size());
    call->request = grpc::ByteBuffer(&bytes, 1);
    desk.OnCallBegun();
    call->stub.UnaryCall(
        &call->context, method, grpc::StubOptions(), &call->request, &call->response,
        [&desk, call, answer = std::move(answer)](const grpc::Status& status) {
          grpc::Slice whole;
          if (status.ok() && call->response.DumpToSingleSlice(&whole).ok()) {
            answer(std::string(reinterpret_cast<const char*>(whole.begin()), whole.size()));
          } else {
            answer(FromGrpc(status, call->context));
          }
          desk.OnCallEnded();
        });
    return std::function<void()>([call] { call->context.TryCancel(); });
  };
}

}  // namespace

std::shared_ptr<DeviceCallUser> FrontCalls::Begin(const CallHead& head,
                                                  std::shared_ptr<DeviceCall> call) {
  if (head.method == kSessionMethod) {
    admission_.OnSessionOpened(head.peer);
    return FrontSession::Open(desk_, std::move(call), admission_, DeviceDer(gate_, head));
  }
  if (head.method != kUploadMethod && head.method != kGetHealthTasksMethod) {
    return nullptr;
  }
  const auto der = DeviceDer(gate_, head);
  return der.ok() ? UnaryCall::Begin(std::move(call), Forward(desk_, head, *der))
                  : UnaryCall::Refuse(std::move(call), der.status());
}

}  // namespace flotilla::controller
