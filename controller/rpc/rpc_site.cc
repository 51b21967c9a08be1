#include "controller/rpc/rpc_site.h"

#include <utility>

#include "controller/rpc/audit_service.h"
#include "controller/rpc/device_admin_service.h"
#include "controller/rpc/grpc_listener.h"
#include "controller/rpc/operator_calls.h"
#include "controller/rpc/peer_gate.h"
#include "controller/rpc/policy_service.h"
#include "controller/rpc/rollout_service.h"
#include "controller/rpc/session_service.h"

namespace flotilla::controller {
namespace {

constexpr int kEnrolmentReceiveBytes = 32 * 1024;
// A publication: 16 files of 5,000,000 bytes.
constexpr int kOperatorReceiveBytes = 96 * 1024 * 1024;
constexpr int kOperatorSendBytes = 64 * 1024 * 1024;
constexpr int kOperatorStreams = 100;
// One for each session of a replica, and its other calls.
constexpr int kReplicaStreams = 1'000'000;

}  // namespace

struct RpcSite::Impl {
  Impl(const RpcSiteOptions& options, Fleet& fleet, const Clock& clock)
      : admission(options.admission, clock),
        gate(options.ca_pem, clock, fleet.revocations(), &admission),
        refusals(fleet, clock),
        calls(gate, fleet, refusals),
        session(gate, fleet, &admission),
        rollout(calls),
        policies(calls),
        devices(calls),
        audit(calls) {}

  AdmissionGate admission;
  PeerGate gate;
  RefusalAudit refusals;
  OperatorCalls calls;
  SessionService session;
  RolloutService rollout;
  PolicyService policies;
  DeviceAdminService devices;
  AuditService audit;
  std::vector<std::shared_ptr<grpc::Service>> enrolment_services;
  std::vector<std::shared_ptr<grpc::Service>> device_services;
  std::vector<std::shared_ptr<grpc::Service>> operator_services;
  std::unique_ptr<GrpcListener> enrolment_listener;
  std::unique_ptr<GrpcListener> device_listener;
  std::unique_ptr<GrpcListener> operator_listener;
};

RpcSite::RpcSite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RpcSite::~RpcSite() {
  Stop(absl::ZeroDuration());
}

StatusOr<std::unique_ptr<RpcSite>> RpcSite::Start(const RpcSiteOptions& options, Fleet& fleet,
                                                  const Clock& clock,
                                                  const RpcSiteServices& services) {
  auto impl = std::make_unique<Impl>(options, fleet, clock);
  GrpcListenerOptions listener;
  listener.certificate_chain_pem = options.certificate_chain_pem;
  listener.private_key_pem = options.private_key_pem;
  listener.client_ca_pem = options.ca_pem;

  std::vector<grpc::Service*> enrolment;
  impl->enrolment_services = services.enrolment();
  for (const auto& service : impl->enrolment_services) {
    enrolment.push_back(service.get());
  }
  listener.address = options.enrolment_listen;
  listener.client_proof = ClientProof::kNone;
  listener.max_receive_bytes = kEnrolmentReceiveBytes;
  FLOTILLA_ASSIGN_OR_RETURN(impl->enrolment_listener, GrpcListener::Start(listener, enrolment));

  listener.address = options.device_listen;
  listener.client_proof = ClientProof::kCertificate;
  listener.max_receive_bytes = GrpcListenerOptions().max_receive_bytes;
  std::vector<grpc::Service*> devices = {&impl->session};
  if (services.devices) {
    impl->device_services = services.devices(impl->gate);
  }
  for (const auto& service : impl->device_services) {
    devices.push_back(service.get());
  }
  if (options.sessions_from == SessionsFrom::kReplicas) {
    listener.max_concurrent_streams = kReplicaStreams;
  } else {
    listener.admission = &impl->admission;
  }
  FLOTILLA_ASSIGN_OR_RETURN(impl->device_listener, GrpcListener::Start(listener, devices));
  listener.admission = nullptr;

  std::vector<grpc::Service*> operators = {&impl->rollout, &impl->policies, &impl->devices,
                                           &impl->audit};
  impl->operator_services = services.operators(impl->calls);
  for (const auto& service : impl->operator_services) {
    operators.push_back(service.get());
  }
  listener.address = options.operator_listen;
  listener.max_receive_bytes = kOperatorReceiveBytes;
  listener.max_send_bytes = kOperatorSendBytes;
  listener.max_concurrent_streams = kOperatorStreams;
  FLOTILLA_ASSIGN_OR_RETURN(impl->operator_listener, GrpcListener::Start(listener, operators));
  return std::unique_ptr<RpcSite>(new RpcSite(std::move(impl)));
}

std::uint16_t RpcSite::enrolment_port() const {
  return impl_->enrolment_listener->port();
}

std::uint16_t RpcSite::device_port() const {
  return impl_->device_listener->port();
}

std::uint16_t RpcSite::operator_port() const {
  return impl_->operator_listener->port();
}

void RpcSite::StopTakingDevices() {
  if (impl_->device_listener != nullptr) {
    impl_->device_listener->StopAccepting();
  }
}

void RpcSite::Stop(Duration grace) {
  for (auto* listener :
       {&impl_->enrolment_listener, &impl_->device_listener, &impl_->operator_listener}) {
    if (*listener != nullptr) {
      (*listener)->Stop(grace);
    }
  }
}

}  // namespace flotilla::controller
