#include "agent/app/agent.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "agent/app/agent_options.h"
#include "agent/app/parking_room.h"
#include "agent/app/private_health.h"
#include "agent/app/release_updater.h"
#include "agent/app/version.h"
#include "agent/bundle/bundle_desk.h"
#include "agent/condition/cold_pages.h"
#include "agent/condition/device_condition.h"
#include "agent/engine/engine_sockets.h"
#include "agent/engine/engine_supervisor.h"
#include "agent/engine/memory_fit.h"
#include "agent/engine/release_files.h"
#include "agent/enrol/decommission.h"
#include "agent/enrol/identity_keeper.h"
#include "agent/session/session_client.h"
#include "agent/silence/silence_desk.h"
#include "agent/state/saved_control.h"
#include "agent/trust/trust_desk.h"
#include "agent/update/update_director.h"
#include "base/log.h"
#include "security/clock_attestation.h"
#include "security/x509/peer.h"

namespace flotilla::agent {
namespace {

// After start and a first session; then once a minute.
constexpr Duration kMemoryFirst = absl::Seconds(5);
constexpr Duration kMemoryPeriod = absl::Seconds(60);
constexpr Duration kLeaveAnyway = absl::Seconds(10);

LineMachine::FitsBeside MemoryCheck(const SystemProbe& probe, std::uint64_t budget_bytes) {
  return [&probe, budget_bytes](const v1::InstalledRelease& release) {
    return FitsIntoMemory(WeightBytes(release), {probe.MemoryAvailableBytes(), budget_bytes});
  };
}

}  // namespace

// Members in the order in which they need each other.
struct Agent::Impl final : SessionListener {
  Impl(config::v1::AgentConfig config_in, Identity identity_in, const Parts& parts_in)
      : config(std::move(config_in)), identity(std::move(identity_in)), parts(parts_in) {}

  Status OpenState();
  Status Assemble();

  v1::Hello MakeHello() override;
  void OnWelcome(const v1::Welcome& welcome) override;
  void OnDesiredState(const v1::DesiredState& next) override;
  void OnSessionDown(const Status& cause) override;
  void OnDecommission(bool wipe_models) override;
  void OnRenewAsked(Duration spread) override { keeper->RenewWithin(spread); }
  // Wipes what the device is known by; the agent ends soon after.
  void LeaveNow(ModelFate models);
  IdentityKeeper::Hooks KeeperHooks();

  v1::Condition Condition() const;
  // As Hello tells them.
  v1::LinesChanged Lines() const;
  std::vector<v1::InstalledRelease> Running() const;
  bool enrolled() const { return !identity.device_id.empty(); }
  // Away from the loop; the end comes to `trust`.
  void RefreshTrust();
  void CheckBundle(const std::filesystem::path& file, const BundleDesk::Checked& done);
  Status InstallBundle(const std::filesystem::path& file,
                       const std::vector<v1::Assignment>& assignments);
  // Now and then, whatever the agent did before: small while it waits.
  void GiveBackMemoryAfter(Duration delay);

  const config::v1::AgentConfig config;
  const Identity identity;
  bool leaving = false;
  const Parts parts;
  Bytes fingerprint;
  Bytes factory_root;
  v1::DesiredState desired;
  std::unique_ptr<StateDb> db;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<ota::Store> store;
  std::unique_ptr<LineSet> lines;
  std::unique_ptr<EngineSockets> sockets;
  std::optional<PrivateHealth> health;
  std::optional<EngineSupervisor> supervisor;
  std::optional<ParkingRoom> room;
  std::optional<EngineSelfTester> tester;
  std::unique_ptr<TrustDesk> trust;
  std::optional<BundleDesk> bundles;
  std::optional<ReleaseUpdater> updater;
  std::optional<UpdateWorker> worker;
  std::optional<SilenceDesk> silence;
  std::optional<UpdateDirector> director;
  std::optional<SessionClient> session;
  std::string clock_nonce;
  const BestGuessClock renewal_clock{parts.trust_clock};
  std::optional<IdentityKeeper> keeper;
};

Status Agent::Impl::OpenState() {
  const std::filesystem::path state_dir = config.state_dir();
  FLOTILLA_ASSIGN_OR_RETURN(fingerprint, MachineFingerprint(parts.fs, parts.random, state_dir));
  FLOTILLA_ASSIGN_OR_RETURN(factory_root, ReadTrustRoot(config.trust_root()));
  FLOTILLA_ASSIGN_OR_RETURN(db, StateDb::Open(state_dir / "agent.db"));
  FLOTILLA_ASSIGN_OR_RETURN(outbox, Outbox::Open(*db, parts.random));
  FLOTILLA_ASSIGN_OR_RETURN(desired, LoadDesiredState(*db));
  FLOTILLA_ASSIGN_OR_RETURN(store, ota::Store::Open(state_dir, parts.fs));
  FLOTILLA_ASSIGN_OR_RETURN(lines, LineSet::Open(state_dir, *store, parts.fs, parts.clock));
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(parts.fs, state_dir / "run"));
  FLOTILLA_ASSIGN_OR_RETURN(sockets, EngineSockets::Open(config.listen(), state_dir / "run"));
  return DurableWrite(parts.fs, state_dir / "endpoint", AsBytes(sockets->endpoint() + "\n"));
}

Status Agent::Impl::Assemble() {
  const LineMachine::FitsBeside fits = MemoryCheck(parts.probe, config.memory_budget_bytes());
  health.emplace(
      config, PrivateHealth::Parts{parts.executor, parts.clock, parts.trust_clock, parts.random,
                                   parts.fs, parts.sensors, enrolled() ? parts.metrics : nullptr});
  const EngineHealthTap tap{&health->sink(), &parts.processes,
                            MakeFacts(config, parts.probe).memory_bytes()};
  supervisor.emplace(LineMachineOptions(),
                     EngineSupervisor::Parts{parts.executor, parts.clock, parts.launcher, *sockets,
                                             *store, fits, tap});
  room.emplace(parts.executor, *supervisor, fits);
  SelfTestOptions testing;
  testing.engine_path = config.engine_path();
  tester.emplace(testing, *store, *room, parts.clock);
  FLOTILLA_ASSIGN_OR_RETURN(
      trust,
      TrustDesk::Create(TrustOptionsOf(config), {parts.executor, parts.trust_clock, parts.random,
                                                 *db, [this] { RefreshTrust(); },
                                                 [this] { session->SendCondition(Condition()); }}));
  FLOTILLA_ASSIGN_OR_RETURN(ota::UpdateRunnerOptions running, RunnerOptionsOf(config, parts.probe));
  FLOTILLA_ASSIGN_OR_RETURN(const auto proxy, ProxyOf(config));
  updater.emplace(
      std::move(running), factory_root,
      ReleaseUpdater::Parts{*store, *tester, parts.fs, parts.trust_clock, parts.random,
                            [this](const TrustNews& news) {
                              parts.executor.Post([this, news] { trust->OnNews(news); });
                            },
                            proxy});
  if (const Status loaded = updater->LoadTrust(); !loaded.ok()) {
    LogStatus(LogLevel::kError, "trust.unreadable",
              loaded);  // what is installed serves all the same
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string bundle, LoadBundlePath(*db));
  updater->SetBundle(bundle);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Welcome welcome, LoadWelcome(*db));
  updater->SetUrls(welcome);
  worker.emplace(parts.executor, *updater);
  silence.emplace(SilenceDesk::Parts{parts.executor, parts.trust_clock, *db,
                                     [this] { return Running(); },
                                     [this] { director->OnAgesChanged(); }});
  director.emplace(
      DirectorOptions(),
      UpdateDirector::Parts{parts.executor, parts.clock, parts.random, *outbox, *lines, *worker,
                            *supervisor, [this] { session->OnOutboxGrew(); },
                            [this] { session->SendCondition(Condition()); },
                            [this](const auto& said) { bundles->OnReport(said); }, &health->sink(),
                            [this] { session->SendLines(Lines()); },
                            [this](const auto& release) { return silence->IsTooOld(release); }});
  bundles.emplace(
      config.state_dir(), config.bundle_dir(),
      BundleDesk::Parts{parts.executor, parts.fs, *outbox,
                        [this](const auto& file, const auto& done) { CheckBundle(file, done); },
                        [this](const auto& file, const auto& assignments) {
                          return InstallBundle(file, assignments);
                        }});
  session.emplace(SessionOptionsOf(config),
                  SessionClient::Parts{parts.executor, parts.clock, parts.random, parts.transport,
                                       *outbox, *this});
  if (enrolled()) {
    keeper.emplace(
        config.state_dir(), identity,
        IdentityKeeper::Parts{
            parts.executor, renewal_clock, {parts.enrolment, parts.keys, parts.fs, parts.random}},
        KeeperHooks());
  }
  return OkStatus();
}

v1::Condition Agent::Impl::Condition() const {
  const StatusOr<Time> end = security::CertificateEnd(
      keeper.has_value() ? keeper->identity().chain_pem : identity.chain_pem);
  v1::Condition condition = MakeCondition(supervisor->EngineConditions(), parts.probe.Disk(),
                                          end.ok() ? *end : absl::UnixEpoch());
  trust->Describe(condition);
  return condition;
}

v1::LinesChanged Agent::Impl::Lines() const {
  v1::LinesChanged told;
  for (const ota::LineSlots* slots : lines->All()) {
    v1::LineStatus& line = *told.add_lines();
    line = StatusOf(*slots);
    for (const std::string& digest : director->StoppedReleases(*slots)) {
      line.add_stopped_sha256(digest);
    }
  }
  return told;
}

std::vector<v1::InstalledRelease> Agent::Impl::Running() const {
  std::vector<v1::InstalledRelease> running;
  for (const ota::LineSlots* slots : lines->All()) {
    running.push_back(slots->active().current());
  }
  return running;
}

void Agent::Impl::RefreshTrust() {
  std::vector<std::string> targets;
  for (const ota::LineSlots* slots : lines->All()) {
    if (slots->active().has_current()) {
      targets.push_back(slots->active().current().ref().target_path());
    }
  }
  worker->Queue([this, targets] { updater->RefreshTrust(targets).IgnoreError(); });
}

void Agent::Impl::CheckBundle(const std::filesystem::path& file, const BundleDesk::Checked& done) {
  worker->Queue([this, file, done] {
    parts.executor.Post([done, releases = updater->CheckBundle(file)] { done(releases); });
  });
}

// What the bundle brings takes the place of what the controller wanted, until that says something
// new.
Status Agent::Impl::InstallBundle(const std::filesystem::path& file,
                                  const std::vector<v1::Assignment>& assignments) {
  v1::DesiredState next;
  next.set_generation(desired.generation());
  *next.mutable_stops() = desired.stops();
  for (const v1::Assignment& assignment : assignments) {
    *next.add_assignments() = assignment;
  }
  for (const v1::Assignment& wanted : desired.assignments()) {
    const bool replaced =
        std::any_of(assignments.begin(), assignments.end(), [&](const v1::Assignment& assignment) {
          return assignment.release().line() == wanted.release().line();
        });
    if (!replaced) {
      *next.add_assignments() = wanted;
    }
  }
  FLOTILLA_RETURN_IF_ERROR(SaveBundlePath(*db, file.string()));
  FLOTILLA_RETURN_IF_ERROR(SaveDesiredState(*db, next));
  updater->SetBundle(file);
  desired = next;
  director->OnDesiredState(desired);
  if (!enrolled()) {
    silence->OnBundle();  // the only word that such a device hears
  }
  return OkStatus();
}

v1::Hello Agent::Impl::MakeHello() {
  v1::Hello hello;
  hello.set_device_id(identity.device_id);
  hello.set_serial(config.serial());
  hello.set_machine_fingerprint(ToText(fingerprint));
  hello.set_agent_version(kAgentVersion);
  hello.set_engine_version(kEngineVersion);
  hello.set_observed_generation(desired.generation());
  hello.mutable_lines()->Swap(Lines().mutable_lines());
  *hello.mutable_facts() = MakeFacts(config, parts.probe);
  *hello.mutable_condition() = Condition();
  const tuf::MetadataVersions versions = updater->versions();
  hello.set_root_version(static_cast<std::uint64_t>(versions.root));
  hello.set_timestamp_version(static_cast<std::uint64_t>(versions.timestamp));
  hello.set_snapshot_version(static_cast<std::uint64_t>(versions.snapshot));
  hello.mutable_device_time()->set_seconds(absl::ToUnixSeconds(parts.clock.Now()));
  std::array<std::uint8_t, security::kClockNonceBytes> nonce{};
  parts.random.Fill(nonce);
  clock_nonce = ToText(nonce);
  hello.set_clock_nonce(clock_nonce);
  return hello;
}

IdentityKeeper::Hooks Agent::Impl::KeeperHooks() {
  return {parts.use_identity, [this] { session->Reopen(); },
          [this] {
            LeaveNow(ModelFate::kKeep);
            parts.leave();
          }};
}

void Agent::Impl::LeaveNow(ModelFate models) {
  leaving = true;
  keeper->Stop();
  const Status left = BeginLeaving(parts.fs, config.state_dir(), models);
  if (!left.ok()) {
    LogStatus(LogLevel::kError, "fleet.leave_failed", left);
  }
  LogWarning("fleet.left", {{"device", identity.device_id}});
}

void Agent::Impl::OnDecommission(bool wipe_models) {
  if (leaving) {
    return;
  }
  LeaveNow(wipe_models ? ModelFate::kWipe : ModelFate::kKeep);
  // The controller ends the session when it has heard that.
  session->SendDecommissionDone();
  parts.executor.PostAfter(kLeaveAnyway, parts.leave);
}

void Agent::Impl::OnSessionDown(const Status& cause) {
  if (leaving) {
    parts.leave();
    return;
  }
  silence->OnSessionDown();
  keeper->OnSessionDown(cause);
}

void Agent::Impl::OnWelcome(const v1::Welcome& welcome) {
  parts.trust_clock.OnAttestation(clock_nonce, welcome.clock_attestation());
  trust->OnWelcome();
  keeper->OnWelcome(welcome.ca_bundle_pem());
  updater->SetUrls(welcome);
  health->OnSessionUp();
  if (const Status status = SaveWelcome(*db, welcome); !status.ok()) {
    LogStatus(LogLevel::kError, "state.save_failed", status);
  }
}

void Agent::Impl::OnDesiredState(const v1::DesiredState& next) {
  // Durable before it is acted on: a restart without a link goes on from it.
  if (const Status status = SaveDesiredState(*db, next); !status.ok()) {
    LogStatus(LogLevel::kError, "state.save_failed", status);
    // What must not answer any more stops all the same; the rest waits for a disk that takes it.
    *desired.mutable_stops() = next.stops();
    director->OnDesiredState(desired);
    return;
  }
  desired = next;
  director->OnDesiredState(desired);
  // What is revoked is stopped by now: a release that was too old may go on.
  silence->OnHeard();
}

void Agent::Impl::GiveBackMemoryAfter(Duration delay) {
  parts.executor.PostAfter(delay, [this] {
    if (const Status status = ReleaseColdPages(); !status.ok()) {
      LogStatus(LogLevel::kWarning, "agent.memory_not_released", status);
      return;
    }
    GiveBackMemoryAfter(kMemoryPeriod);
  });
}

Agent::Agent(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Agent::~Agent() = default;

StatusOr<std::unique_ptr<Agent>> Agent::Create(const config::v1::AgentConfig& config,
                                               const Identity& identity, const Parts& parts) {
  auto impl = std::make_unique<Impl>(config, identity, parts);
  FLOTILLA_RETURN_IF_ERROR(impl->OpenState());
  FLOTILLA_RETURN_IF_ERROR(impl->Assemble());
  return std::unique_ptr<Agent>(new Agent(std::move(impl)));
}

void Agent::Start() {
  LogInfo("agent.started", {{"device", impl_->identity.device_id},
                            {"endpoint", impl_->sockets->endpoint()},
                            {"version", std::string_view(kAgentVersion)}});
  impl_->director->Start(impl_->desired);
  impl_->silence->Start();
  impl_->trust->Start();
  impl_->bundles->Start();
  if (impl_->enrolled()) {
    impl_->keeper->Start();
    impl_->session->Start();
    impl_->health->Start();
  }
  impl_->GiveBackMemoryAfter(kMemoryFirst);
}

void Agent::Stop() {
  if (impl_->keeper.has_value()) {
    impl_->keeper->Stop();
  }
  impl_->health->Stop();
  impl_->session->Stop();
  impl_->director->Stop();
}

}  // namespace flotilla::agent
