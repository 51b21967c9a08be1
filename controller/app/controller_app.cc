#include "controller/app/controller_app.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/os_machine.h"
#include "controller/access/operator_desk.h"
#include "controller/app/health_site.h"
#include "controller/app/listeners_file.h"
#include "controller/app/restore_watch.h"
#include "controller/app/session_room.h"
#include "controller/backup/restore_mark.h"
#include "controller/bootstrap/controller_identity.h"
#include "controller/enrolment/approval_desk.h"
#include "controller/enrolment/enrolment.h"
#include "controller/enrolment/fleet_enrolment_ledger.h"
#include "controller/enrolment/token_desk.h"
#include "controller/expiry/expiry_desk.h"
#include "controller/fleet/fleet.h"
#include "controller/health/guard_desk.h"
#include "controller/http/dashboard_site.h"
#include "controller/release/blob_repository.h"
#include "controller/release/catalogue.h"
#include "controller/release/online_keys.h"
#include "controller/release/release_change.h"
#include "controller/rpc/rpc_site.h"
#include "controller/rpc/site_services.h"
#include "controller/rpc/system_service.h"
#include "controller/session/reconnect_pace.h"
#include "controller/storage/persister.h"
#include "controller/storage/report_retention.h"
#include "security/clock_attestation.h"
#include "security/tuf/key.h"
#include "security/x509/peer.h"

namespace flotilla::controller {
namespace {

constexpr Duration kCatalogueRefresh = absl::Minutes(1);
constexpr Duration kCallGrace = absl::Milliseconds(500);
constexpr auto kDrainLimit = std::chrono::seconds(10);

http::HttpsServerOptions HttpsOptions(const ListenAddress& address, std::uint16_t port,
                                      const ControllerIdentity& identity) {
  http::HttpsServerOptions options;
  options.address = address.host;
  options.port = port;
  options.certificate_chain_pem = identity.server_chain_pem;
  options.private_key_pem = identity.server_key_pem;
  options.client_ca_pem = identity.ca_bundle_pem;
  return options;
}

}  // namespace

// In order of construction: each part uses those above it, and is destroyed before them.
struct ControllerApp::Impl {
  Impl(AppOptions options_in, const AppWorld& world_in,
       std::function<void(const Status&)> failed_in)
      : options(std::move(options_in)),
        world(world_in),
        failed(std::move(failed_in)),
        online_keys(options.layout.online_keys()) {}

  Status OpenCatalogue();
  Status OpenFleet();
  void OpenEnrolment();
  // What time it is, signed by the timestamp role's key.
  StatusOr<v1::ClockAttestation> AttestClock(const std::string& nonce) const;
  void OpenAccess();
  void NoteFirstOperator();
  std::vector<OwnCertificate> OwnCertificates() const;
  Status OpenHealth();
  Status OpenDashboard();
  Status OpenRpc();
  void RefreshCatalogue();
  // Blocking; not on a loop.
  void CloseSessions();
  std::uint16_t Port(const char* name, const ListenAddress& address) const;

  const AppOptions options;
  const AppWorld world;
  const std::function<void(const Status&)> failed;
  std::unique_ptr<AuthorityStore> authorities;
  std::unique_ptr<ControllerIdentity> identity;
  ListenerPorts last_ports;
  std::optional<RestoreMark> restored;
  ListenerPorts ports;
  OnlineKeyFolder online_keys;
  std::unique_ptr<BlobRepository> blobs;
  std::unique_ptr<Catalogue> catalogue;
  std::unique_ptr<Fleet> fleet;
  std::unique_ptr<Persister> persister;
  std::optional<ReportRetention> retention;
  std::unique_ptr<FleetEnrolmentLedger> ledger;
  std::unique_ptr<TokenDesk> tokens;
  std::unique_ptr<ApprovalDesk> approvals;
  std::unique_ptr<Enrolment> enrolment;
  std::unique_ptr<OperatorDesk> operators;
  std::unique_ptr<ExpiryDesk> expiry;
  std::unique_ptr<HealthSite> health;
  std::unique_ptr<GuardDesk> guards;
  std::unique_ptr<http::DashboardSite> dashboard;
  std::unique_ptr<RpcSite> rpc;
};

ControllerApp::ControllerApp(const AppOptions& options, const AppWorld& world,
                             std::function<void(const Status&)> failed)
    : impl_(std::make_unique<Impl>(options, world, std::move(failed))) {}

ControllerApp::~ControllerApp() = default;

Status ControllerApp::Start() {
  FLOTILLA_ASSIGN_OR_RETURN(impl_->restored, ReadRestoreMark(impl_->options.layout.state_dir));
  impl_->authorities = std::make_unique<AuthorityStore>(
      impl_->options.layout, impl_->options.ca_key, impl_->world.open_key, impl_->world.fs);
  FLOTILLA_ASSIGN_OR_RETURN(ControllerIdentity identity,
                            LoadIdentity(impl_->options.layout, *impl_->authorities));
  impl_->identity = std::make_unique<ControllerIdentity>(std::move(identity));
  if (!impl_->options.replica.has_value()) {
    impl_->last_ports = ReadListeners(impl_->options.layout.listeners());
  }
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenCatalogue());
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenFleet());
  impl_->OpenEnrolment();
  impl_->OpenAccess();
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenHealth());
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenDashboard());
  return impl_->OpenRpc();
}

Status ControllerApp::Impl::OpenCatalogue() {
  const StateLayout& layout = options.layout;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(world.fs, layout.blobs()));
  blobs = std::make_unique<BlobRepository>(layout.blobs(), world.fs, options.max_artifact_bytes);
  FLOTILLA_ASSIGN_OR_RETURN(
      catalogue,
      Catalogue::Open({layout.repository(), options.lives, options.first_root,
                       restored ? static_cast<std::int64_t>(restored->least_version) : 0},
                      online_keys, *blobs, world.fs, world.clock.Now()));
  world.worker.PostAfter(kCatalogueRefresh, [this] { RefreshCatalogue(); });
  return OkStatus();
}

void ControllerApp::Impl::RefreshCatalogue() {
  const Status status = catalogue->Refresh(world.clock.Now());
  if (!status.ok()) {
    LogStatus(LogLevel::kError, "catalogue.refresh_failed", status);
  }
  world.worker.PostAfter(kCatalogueRefresh, [this] { RefreshCatalogue(); });
}

Status ControllerApp::Impl::OpenFleet() {
  FLOTILLA_ASSIGN_OR_RETURN(const FleetSnapshot snapshot, world.store.Load());
  persister = std::make_unique<Persister>(world.store, world.loop, PersisterOptions());
  FleetOptions fleet_options;
  fleet_options.heartbeat_interval = options.heartbeat_interval;
  fleet_options.rollout_approvals = options.rollout_approvals;
  fleet_options.handshakes_per_second = options.handshakes_per_second > 0
                                            ? options.handshakes_per_second
                                            : SafeHandshakeRate(CoresOfMachine());
  fleet_options.fan_out.per_second = options.fan_out_per_second;
  LogInfo(
      "fleet.pace",
      {{"handshakes_per_second", static_cast<std::int64_t>(fleet_options.handshakes_per_second)},
       {"fan_out_per_second", static_cast<std::int64_t>(fleet_options.fan_out.per_second)}});
  if (restored.has_value()) {
    fleet_options.restored = FleetOf(*restored);
    LogInfo("fleet.restored", {{"backup", restored->backup_id},
                               {"taken_at", UtcText(restored->taken_at)},
                               {"restored_at", UtcText(restored->restored_at)}});
  }
  fleet =
      std::make_unique<Fleet>(fleet_options, snapshot, *persister, world.loop, world.clock, failed);
  LogInfo("fleet.loaded",
          {{"devices", snapshot.devices.size()}, {"rollouts", snapshot.rollouts.size()}});
  ReportRetentionOptions retention_options;
  retention_options.keep = options.report_retention;
  retention.emplace(retention_options, *persister, world.loop, world.clock);
  fleet->Post([this] {
    fleet->SetClockAttestor([this](const std::string& nonce) { return AttestClock(nonce); });
    retention->Start();
    if (restored.has_value()) {
      fleet->SetHelloWatcher(
          RestoreWatch(*restored, *fleet, *catalogue, world.worker, world.clock));
    }
    if (world.audited) {
      fleet->AddListener([this](const FleetEvent& event) {
        if (std::holds_alternative<AuditWritten>(event)) {
          world.audited();
        }
      });
    }
    fleet->Apply(ReleaseChange(catalogue->Releases(), fleet->state()), nullptr);
    fleet->Start();
  });
  return OkStatus();
}

StatusOr<v1::ClockAttestation> ControllerApp::Impl::AttestClock(const std::string& nonce) const {
  const Time now = world.clock.Now();
  const std::shared_ptr<security::Signer> key = catalogue->timestamp_key();
  if (key == nullptr) {
    return FailedPrecondition("no root names a timestamp key of this controller yet");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes signature,
                            key->Sign(security::ClockMessage(AsBytes(nonce), now)));
  v1::ClockAttestation attestation;
  attestation.mutable_at()->set_seconds(absl::ToUnixSeconds(now));
  attestation.set_key_id(tuf::KeyId(key->public_key()));
  attestation.set_signature(ToText(signature));
  return attestation;
}

void ControllerApp::Impl::OpenEnrolment() {
  EnrolmentOptions enrolment_options;
  enrolment_options.device_life = options.device_life;
  enrolment_options.renew_after_expiry = options.renew_after_expiry;
  enrolment_options.rules = options.enrolment_rules;
  enrolment_options.ca_bundle_pem = identity->ca_bundle_pem;
  enrolment_options.rate_per_second = options.enrolments_per_second;
  ApprovalLimits approval_limits;
  approval_limits.retry = std::min(approval_limits.retry, options.heartbeat_interval);
  approvals = std::make_unique<ApprovalDesk>(approval_limits, world.clock, world.random);
  ledger = std::make_unique<FleetEnrolmentLedger>(*fleet);
  tokens =
      std::make_unique<TokenDesk>(identity->server_authority, *ledger, world.clock, world.random,
                                  std::set<Digest>{identity->authority.Fingerprint()});
  enrolment = std::make_unique<Enrolment>(enrolment_options, identity->authority, *tokens, *ledger,
                                          world.clock, approvals.get());
  fleet->Post([this] {
    fleet->SetAuthorities(identity->ca_bundle_pem, identity->authority.Fingerprint());
  });
}

void ControllerApp::Impl::OpenAccess() {
  operators = std::make_unique<OperatorDesk>(
      *fleet,
      [this](ByteView csr, std::string_view name, security::OperatorRole role, Time now,
             Duration life) {
        return identity->authority.IssueOperator(csr, name, role, now, life);
      },
      world.clock);
  expiry = std::make_unique<ExpiryDesk>(
      *fleet, *catalogue, [this] { return OwnCertificates(); }, world.worker, world.clock);
  NoteFirstOperator();
  fleet->Post([this] { expiry->Start(); });
}

// The certificate that init made was written into no list.
void ControllerApp::Impl::NoteFirstOperator() {
  const auto pem = ReadPem(options.layout.operator_dir() / "operator.crt");
  if (!pem.ok()) {
    return;
  }
  const auto peer = security::CheckPeer(*pem, identity->ca_bundle_pem, world.clock.Now());
  if (peer.ok() && peer->kind == security::PeerKind::kOperator) {
    fleet->Post([this, first = *peer] { operators->Note(first); });
  }
}

std::vector<OwnCertificate> ControllerApp::Impl::OwnCertificates() const {
  std::vector<OwnCertificate> own = {{v1::EXPIRY_KIND_CA, identity->authority.Fingerprint().ToHex(),
                                      identity->authority.not_after()}};
  const auto server = security::CertificateEnd(identity->server_chain_pem);
  if (server.ok()) {
    own.push_back({v1::EXPIRY_KIND_SERVER_CERTIFICATE, "controller", *server});
  }
  return own;
}

std::uint16_t ControllerApp::Impl::Port(const char* name, const ListenAddress& address) const {
  const auto last = last_ports.find(name);
  return ChoosePort(address.host, address.port, last == last_ports.end() ? 0 : last->second);
}

Status ControllerApp::Impl::OpenHealth() {
  const ListenAddress& device =
      options.replica.has_value() ? options.replica->public_device : options.device;
  ListenAddress leader = device;
  leader.host = options.host();
  leader.port = Port("device", device);
  FLOTILLA_ASSIGN_OR_RETURN(
      health, HealthSite::Open({options.layout.health(), leader.Text(), options.health_helper},
                               world.fs, world.clock, world.random));
  guards = std::make_unique<GuardDesk>(
      GuardDesk::Parts{*fleet, world.loop, world.clock, health->board(), health->desk()});
  fleet->Post([this] { guards->Start(); });
  return OkStatus();
}

Status ControllerApp::Impl::OpenDashboard() {
  http::DashboardSiteOptions site;
  site.artifacts = HttpsOptions(options.artifact, Port("artifact", options.artifact), *identity);
  site.dashboard = HttpsOptions(options.dashboard, Port("dashboard", options.dashboard), *identity);
  site.repository = options.layout.repository();
  site.max_artifact_bytes = options.max_artifact_bytes;
  FLOTILLA_ASSIGN_OR_RETURN(
      dashboard, http::DashboardSite::Start(site, *fleet, *expiry, health->board(), *blobs,
                                            world.clock, world.random));
  const std::string base =
      "https://" + options.host() + ":" + std::to_string(dashboard->artifact_port());
  fleet->Post([this, base] { fleet->SetBaseUrls(base + "/metadata/", base + "/targets/"); });
  return OkStatus();
}

Status ControllerApp::Impl::OpenRpc() {
  const auto listen = [this](const char* name, ListenAddress address) {
    address.port = Port(name, address);
    return address.Text();
  };
  RpcSiteOptions rpc_options;
  rpc_options.enrolment_listen = listen("enrolment", options.enrolment);
  rpc_options.device_listen = listen("device", options.device);
  rpc_options.operator_listen = listen("operator", options.operators);
  rpc_options.certificate_chain_pem = identity->server_chain_pem;
  rpc_options.private_key_pem = identity->server_key_pem;
  rpc_options.ca_pem = identity->ca_bundle_pem;
  rpc_options.sessions_from =
      options.replica.has_value() ? SessionsFrom::kReplicas : SessionsFrom::kDevices;
  rpc_options.admission = MakeRoom(options.admission);
  rpc_options.on_quiet = world.on_quiet;
  FLOTILLA_ASSIGN_OR_RETURN(
      rpc, RpcSite::Start(
               rpc_options, *fleet, world.clock,
               MakeSiteServices(
                   {*enrolment, *tokens, *approvals, *operators, *expiry, *catalogue, *authorities,
                    *fleet, health->board(), health->desk(), world.loop, world.worker, world.clock},
                   {options.host_names, options.renew_after_expiry, world.restart})));
  ports = {{"enrolment", rpc->enrolment_port()},
           {"device", rpc->device_port()},
           {"operator", rpc->operator_port()},
           {"artifact", dashboard->artifact_port()},
           {"dashboard", dashboard->dashboard_port()}};
  for (const auto& [name, port] : ports) {
    LogInfo("listener.open", {{"name", name}, {"port", port}});
  }
  return options.replica.has_value()
             ? OkStatus()
             : WriteListeners(world.fs, options.layout.listeners(), options.host(), ports);
}

const ListenerPorts& ControllerApp::ports() const {
  return impl_->ports;
}

void ControllerApp::Drain(std::function<void()> done) {
  if (impl_->rpc == nullptr) {
    done();
    return;
  }
  impl_->rpc->StopTakingDevices();
  impl_->fleet->Post(
      [this, done = std::move(done)] { impl_->fleet->Drain(impl_->options.drain_limit, done); });
}

void ControllerApp::Stop(StopMode mode) {
  if (impl_->rpc == nullptr) {
    return;
  }
  if (mode == StopMode::kDrain) {
    impl_->CloseSessions();
  }
  impl_->persister->StopRetrying();  // calls that wait for it could never end
  impl_->rpc->Stop(kCallGrace);
  impl_->dashboard->Stop();
}

void ControllerApp::Impl::CloseSessions() {
  auto flushed = std::make_shared<std::promise<void>>();
  fleet->Post([this, flushed] {
    fleet->Drain(absl::ZeroDuration(), [this, flushed] {
      fleet->Flush([flushed](const Status&) { flushed->set_value(); });
    });
  });
  if (flushed->get_future().wait_for(kDrainLimit) != std::future_status::ready) {
    LogWarning("fleet.drain_timed_out");
  }
}

}  // namespace flotilla::controller
