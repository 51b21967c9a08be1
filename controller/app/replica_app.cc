#include "controller/app/replica_app.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/loop_thread.h"
#include "controller/app/listeners_file.h"
#include "controller/app/session_room.h"
#include "controller/bootstrap/controller_identity.h"
#include "controller/fleet/revocation_set.h"
#include "controller/http/artifact_site.h"
#include "controller/http/tcp_relay.h"
#include "controller/rpc/front_site.h"
#include "security/x509/ec_key.h"

namespace flotilla::controller {
namespace {

constexpr Duration kTryAgain = absl::Seconds(1);
constexpr Duration kDrainSpread = absl::Seconds(5);
constexpr Duration kCallGrace = absl::Milliseconds(500);

// For calls at the leader; new with every start.
StatusOr<ReplicaCredentials> MakeCredentials(const ControllerIdentity& identity,
                                             const AppOptions& options, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  FLOTILLA_ASSIGN_OR_RETURN(
      const security::IssuedCertificate issued,
      identity.authority.IssueReplica(csr, options.replica->name, now, security::kServerLife));
  ReplicaCredentials credentials;
  credentials.ca_pem = identity.ca_bundle_pem;
  credentials.certificate_chain_pem = issued.chain_pem;
  FLOTILLA_ASSIGN_OR_RETURN(credentials.private_key_pem, key.ToPem());
  credentials.server_name = options.host();
  return credentials;
}

}  // namespace

struct ReplicaApp::Impl {
  Impl(const AppOptions& options_in, const ReplicaMachine& machine_in,
       const ReplicaShared& shared_in)
      : options(options_in),
        machine(machine_in),
        shared(shared_in),
        view(shared_in, worker.executor(), revocations) {}

  Status OpenFront();
  Status OpenRelay();
  Status OpenArtifacts();
  std::uint16_t Port(const char* name, const ListenAddress& address) const;
  std::filesystem::path ListenersFile() const;
  // On the thread that calls Turn.
  Status TryToLead();
  void GiveUp(StopMode mode);

  AppOptions options;
  const ReplicaMachine machine;
  const ReplicaShared shared;
  std::unique_ptr<AuthorityStore> authorities;
  std::unique_ptr<ControllerIdentity> identity;
  ListenerPorts last_ports;
  ListenerPorts ports;
  RevocationSet revocations;
  LoopThread loop;    // of the front
  LoopThread worker;  // reads the database
  ReplicaView view;
  std::unique_ptr<FrontSite> front;
  std::unique_ptr<http::TcpRelay> relay;
  std::unique_ptr<http::ArtifactSite> artifacts;
  std::unique_ptr<LeaderCore> core;
  Duration next_try = absl::ZeroDuration();
  std::string told;
};

ReplicaApp::ReplicaApp(const AppOptions& options, const ReplicaMachine& machine,
                       const ReplicaShared& shared)
    : impl_(std::make_unique<Impl>(options, machine, shared)) {}

ReplicaApp::~ReplicaApp() {
  Stop();
}

std::filesystem::path ReplicaApp::Impl::ListenersFile() const {
  return options.layout.state_dir / absl::StrCat("listeners-", options.replica->name, ".json");
}

std::uint16_t ReplicaApp::Impl::Port(const char* name, const ListenAddress& address) const {
  const auto last = last_ports.find(name);
  return ChoosePort(address.host, address.port, last == last_ports.end() ? 0 : last->second);
}

Status ReplicaApp::Start() {
  impl_->authorities = std::make_unique<AuthorityStore>(
      impl_->options.layout, impl_->options.ca_key, impl_->machine.open_key, impl_->machine.fs);
  FLOTILLA_ASSIGN_OR_RETURN(ControllerIdentity identity,
                            LoadIdentity(impl_->options.layout, *impl_->authorities));
  impl_->identity = std::make_unique<ControllerIdentity>(std::move(identity));
  impl_->last_ports = ReadListeners(impl_->ListenersFile());
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenArtifacts());
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenFront());
  FLOTILLA_RETURN_IF_ERROR(impl_->OpenRelay());
  for (const auto& [name, port] : impl_->ports) {
    LogInfo("listener.open", {{"name", name}, {"port", port}});
  }
  impl_->view.Start(
      [impl = impl_.get()](const Leader& leader) { impl->front->Point(leader.device); });
  return WriteListeners(impl_->machine.fs, impl_->ListenersFile(), impl_->options.host(),
                        impl_->ports);
}

Status ReplicaApp::Impl::OpenArtifacts() {
  http::HttpsServerOptions server;
  server.address = options.artifact.host;
  server.port = Port("artifact", options.artifact);
  server.certificate_chain_pem = identity->server_chain_pem;
  server.private_key_pem = identity->server_key_pem;
  server.client_ca_pem = identity->ca_bundle_pem;
  FLOTILLA_ASSIGN_OR_RETURN(
      artifacts,
      http::ArtifactSite::Start(server, options.layout.repository(), revocations, machine.clock));
  ports["artifact"] = artifacts->port();
  return OkStatus();
}

Status ReplicaApp::Impl::OpenFront() {
  FrontSiteOptions site;
  ListenAddress device = options.device;
  device.port = Port("device", device);
  site.device_listen = device.Text();
  site.certificate_chain_pem = identity->server_chain_pem;
  site.private_key_pem = identity->server_key_pem;
  site.admission = MakeRoom(options.admission);
  site.on_quiet = machine.on_quiet;
  FLOTILLA_ASSIGN_OR_RETURN(site.replica, MakeCredentials(*identity, options, machine.clock.Now()));
  FLOTILLA_ASSIGN_OR_RETURN(
      front, FrontSite::Start(site, loop.executor(), machine.clock, machine.random, revocations));
  ports["device"] = front->device_port();
  options.replica->public_device = options.device;
  options.replica->public_device.port = front->device_port();
  const std::string own = absl::StrCat("https://", options.host(), ":", artifacts->port(), "/");
  const std::string& base =
      options.replica->artifact_url.empty() ? own : options.replica->artifact_url;
  front->SetUrls({absl::StrCat(base, "metadata/"), absl::StrCat(base, "targets/")});
  return OkStatus();
}

Status ReplicaApp::Impl::OpenRelay() {
  const auto listener = [this](const char* name, const ListenAddress& address,
                               std::string Leader::*target) {
    return http::RelayedListener{address.host, Port(name, address),
                                 [this, target] { return view.Newest().*target; }};
  };
  FLOTILLA_ASSIGN_OR_RETURN(
      relay, http::TcpRelay::Start({listener("enrolment", options.enrolment, &Leader::enrolment),
                                    listener("operator", options.operators, &Leader::operators),
                                    listener("dashboard", options.dashboard, &Leader::dashboard)}));
  ports["enrolment"] = relay->ports().at(0);
  ports["operator"] = relay->ports().at(1);
  ports["dashboard"] = relay->ports().at(2);
  return OkStatus();
}

Status ReplicaApp::Turn() {
  Impl& impl = *impl_;
  if (impl.core != nullptr) {
    if (impl.core->lost() || impl.view.Newest().epoch > impl.core->epoch()) {
      LogWarning("replica.leads_no_more", {{"epoch", impl.core->epoch()}});
      impl.GiveUp(StopMode::kAtOnce);
    }
    return OkStatus();
  }
  const Duration now = impl.machine.clock.Monotonic();
  if (now < impl.next_try) {
    return OkStatus();
  }
  impl.next_try = now + kTryAgain;
  Status status = impl.TryToLead();
  if (status.ok()) {
    impl.told.clear();
    return status;
  }
  const auto reason = ReasonNumber(status);
  // A newer program may have changed the tables: it leads, and this one goes on as a front.
  const bool stays = status.code() == StatusCode::kUnavailable ||
                     (status.code() == StatusCode::kFailedPrecondition &&
                      reason == v1::FAILURE_REASON_STORAGE_SCHEMA);
  if (const std::string why = status.ToString();
      stays && reason != v1::FAILURE_REASON_STORAGE_LOCKED && why != impl.told) {
    impl.told = why;
    LogStatus(LogLevel::kWarning, "replica.cannot_lead", status);
  }
  return stays ? OkStatus() : status;
}

Status ReplicaApp::Impl::TryToLead() {
  FLOTILLA_ASSIGN_OR_RETURN(LeaderTerm term, shared.leadership.Acquire());
  LogInfo("replica.leads", {{"epoch", term.epoch}});
  FLOTILLA_ASSIGN_OR_RETURN(core, LeaderCore::Start(options, machine, std::move(term),
                                                    [this] { shared.feed.Announce(); }));
  const Status published = view.Publish(core->Address());
  if (!published.ok()) {
    GiveUp(StopMode::kAtOnce);
    return published.code() == StatusCode::kFailedPrecondition ? Unavailable(MessageOf(published))
                                                               : published;
  }
  shared.feed.Announce();
  // For fleetctl and scripts beside the folder: every replica's listeners lead to the leader.
  return WriteListeners(machine.fs, options.layout.listeners(), options.host(), ports);
}

void ReplicaApp::Impl::GiveUp(StopMode mode) {
  if (core != nullptr) {
    core->Stop(mode);
    core.reset();
  }
}

void ReplicaApp::Stop() {
  Impl& impl = *impl_;
  impl.view.Stop();
  impl.GiveUp(StopMode::kDrain);
  if (impl.relay != nullptr) {
    impl.relay->Stop();
  }
  if (impl.artifacts != nullptr) {
    impl.artifacts->Stop();
  }
  if (impl.front != nullptr) {
    impl.front->Stop(kDrainSpread, kCallGrace);
  }
  impl.worker.Stop();
  impl.loop.Stop();
}

}  // namespace flotilla::controller
