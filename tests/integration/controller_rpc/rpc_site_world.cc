#include "tests/integration/controller_rpc/rpc_site_world.h"

#include <future>
#include <utility>

#include "flotilla/v1/enrolment.grpc.pb.h"
#include "security/x509/ec_key.h"

namespace flotilla::controller {

using security::CertificateAuthority;
using security::EcKey;

RpcIdentity IssueIdentity(const CertificateAuthority& authority, RpcKind kind,
                          const std::string& name) {
  const EcKey key = EcKey::Generate().value();
  const Bytes csr = key.MakeCsrDer().value();
  const Time now = OsClock().Now();
  const Duration life = absl::Hours(1);
  const auto issued =
      kind == RpcKind::kDevice
          ? authority.IssueDevice(csr, DeviceId::Parse(name).value(), now, life)
      : kind == RpcKind::kOperator
          ? authority.IssueOperator(csr, name, security::OperatorRole::kAdmin, now, life)
          : authority.IssueServer(csr, {name}, now, life);
  EXPECT_TRUE(issued.ok()) << issued.status();
  return {issued->chain_pem, key.ToPem().value(), issued->serial_hex};
}

RpcSiteWorld::RpcSiteWorld(const AdmissionOptions& admission, const FleetOptions& fleet)
    : authority_(CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2)).value()),
      thread_([this] { loop_.Run(); }),
      persister_(std::make_unique<Persister>(store_, loop_, PersisterOptions())) {
  fleet_ = std::make_unique<Fleet>(fleet, FleetSnapshot(), *persister_, loop_, clock_,
                                   [](const Status&) {});
  device_ = Enrol("d1");
  const RpcIdentity server = IssueIdentity(authority_, RpcKind::kServer, "localhost");
  RpcSiteOptions options;
  options.enrolment_listen = options.device_listen = options.operator_listen = "127.0.0.1:0";
  options.certificate_chain_pem = server.chain;
  options.private_key_pem = server.key;
  options.ca_pem = authority_.cert_pem();
  options.admission = admission;
  RpcSiteServices services;
  services.enrolment = [] {
    return std::vector<std::shared_ptr<grpc::Service>>{
        std::make_shared<v1::EnrolmentService::CallbackService>()};
  };
  services.operators = [](const OperatorCalls&) {
    return std::vector<std::shared_ptr<grpc::Service>>();
  };
  auto site = RpcSite::Start(options, *fleet_, clock_, services);
  EXPECT_TRUE(site.ok()) << site.status();
  site_ = *std::move(site);
}

void RpcSiteWorld::TearDown() {
  site_->Stop(absl::ZeroDuration());
  loop_.Stop();
  thread_.join();
}

RpcIdentity RpcSiteWorld::Enrol(const std::string& id) {
  RpcIdentity identity = IssueIdentity(authority_, RpcKind::kDevice, id);
  FleetChange change;
  StoredDevice& stored = change.devices.emplace_back();
  stored.record.set_id(id);
  stored.record.set_certificate_serial(identity.serial);
  Apply(change);
  return identity;
}

void RpcSiteWorld::Apply(const FleetChange& change) {
  std::promise<void> durable;
  fleet_->Post([&] { fleet_->Apply(change, [&](const Status&) { durable.set_value(); }); });
  durable.get_future().wait();
}

std::shared_ptr<grpc::Channel> RpcSiteWorld::Dial(std::uint16_t port,
                                                  const RpcIdentity& identity) const {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = authority_.cert_pem();
  tls.pem_cert_chain = identity.chain;
  tls.pem_private_key = identity.key;
  return grpc::CreateChannel("localhost:" + std::to_string(port), grpc::SslCredentials(tls));
}

void RpcSiteWorld::SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(gpr_time_from_seconds(20, GPR_TIMESPAN));
}

v1::SessionRequest RpcSiteWorld::HelloMessage(const std::string& id) {
  v1::SessionRequest message;
  message.mutable_hello()->set_device_id(id);
  message.mutable_hello()->set_machine_fingerprint(std::string(32, 'm'));
  message.mutable_hello()->set_boot_epoch(7);
  return message;
}

}  // namespace flotilla::controller
