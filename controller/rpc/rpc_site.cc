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
#include "controller/wire/device_listener.h"

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
        device_calls(gate, fleet, admission),
        replica_sessions(gate, fleet),
        rollout(calls),
        policies(calls),
        devices(calls),
        audit(calls) {}

  AdmissionGate admission;
  PeerGate gate;
  RefusalAudit refusals;
  Status ListenToDevices(const RpcSiteOptions& options, const RpcSiteServices& services,
                         const Clock& clock);
  Status ListenToReplicas(GrpcListenerOptions listener, const RpcSiteOptions& options,
                          const RpcSiteServices& services);

  OperatorCalls calls;
  DeviceSiteCalls device_calls;
  SessionService replica_sessions;
  RolloutService rollout;
  PolicyService policies;
  DeviceAdminService devices;
  AuditService audit;
  std::vector<std::shared_ptr<grpc::Service>> enrolment_services;
  std::vector<std::shared_ptr<grpc::Service>> replica_services;
  std::vector<std::shared_ptr<grpc::Service>> operator_services;
  std::unique_ptr<GrpcListener> enrolment_listener;
  // One of the two.
  std::unique_ptr<DeviceListener> device_listener;
  std::unique_ptr<GrpcListener> replica_listener;
  std::unique_ptr<GrpcListener> operator_listener;
};

Status RpcSite::Impl::ListenToDevices(const RpcSiteOptions& options,
                                      const RpcSiteServices& services, const Clock& clock) {
  device_calls.SetMethods(services.devices);
  DeviceListenerOptions listener;
  listener.address = options.device_listen;
  listener.tls = {options.certificate_chain_pem, options.private_key_pem, options.ca_pem};
  listener.on_quiet = options.on_quiet;
  FLOTILLA_ASSIGN_OR_RETURN(device_listener,
                            DeviceListener::Start(listener, admission, device_calls, clock));
  return OkStatus();
}

Status RpcSite::Impl::ListenToReplicas(GrpcListenerOptions listener, const RpcSiteOptions& options,
                                       const RpcSiteServices& services) {
  listener.address = options.device_listen;
  listener.max_receive_bytes = GrpcListenerOptions().max_receive_bytes;
  listener.max_concurrent_streams = kReplicaStreams;
  std::vector<grpc::Service*> all = {&replica_sessions};
  if (services.replicas) {
    replica_services = services.replicas(gate);
  }
  for (const auto& service : replica_services) {
    all.push_back(service.get());
  }
  FLOTILLA_ASSIGN_OR_RETURN(replica_listener, GrpcListener::Start(listener, all));
  return OkStatus();
}

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

  listener.client_proof = ClientProof::kCertificate;
  if (options.sessions_from == SessionsFrom::kReplicas) {
    FLOTILLA_RETURN_IF_ERROR(impl->ListenToReplicas(listener, options, services));
  } else {
    FLOTILLA_RETURN_IF_ERROR(impl->ListenToDevices(options, services, clock));
  }

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
  return impl_->device_listener != nullptr ? impl_->device_listener->port()
                                           : impl_->replica_listener->port();
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
  if (impl_->device_listener != nullptr) {
    impl_->device_listener->Stop(grace);
  }
  for (auto* listener :
       {&impl_->enrolment_listener, &impl_->replica_listener, &impl_->operator_listener}) {
    if (*listener != nullptr) {
      (*listener)->Stop(grace);
    }
  }
}

}  // namespace flotilla::controller
