#include "tests/integration/controller_rpc/rpc_site_world.h"

#include <future>
#include <utility>

namespace flotilla::controller {

using security::CertificateAuthority;

RpcSiteWorld::RpcSiteWorld(const AdmissionOptions& admission, const FleetOptions& fleet)
    : authority_(CertificateAuthority::Create("fleet", OsClock().Now(), absl::Hours(2)).value()),
      persister_(std::make_unique<Persister>(store_, loop_.executor(), PersisterOptions())) {
  fleet_ = std::make_unique<Fleet>(fleet, FleetSnapshot(), *persister_, loop_.executor(), clock_,
                                   [](const Status&) {});
  device_ = Enrol("d1");
  RpcSiteOptions options = LoopbackSite(authority_);
  options.admission = admission;
  auto site = RpcSite::Start(options, *fleet_, clock_, LeastServices());
  EXPECT_TRUE(site.ok()) << site.status();
  site_ = *std::move(site);
}

void RpcSiteWorld::TearDown() {
  site_->Stop(absl::ZeroDuration());
  loop_.Stop();
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
  return DialAs(identity, authority_, port);
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
