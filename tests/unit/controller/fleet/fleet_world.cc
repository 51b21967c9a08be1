#include "tests/unit/controller/fleet/fleet_world.h"

#include <utility>

#include "base/bytes.h"
#include "controller/fleet/rollout_desk.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

std::string DigestText(const std::string& text) {
  return ToText(security::Sha256(AsBytes(text)).bytes());
}

}  // namespace

FleetWorld::FleetWorld() {
  Restart();
}

void FleetWorld::Restart() {
  fleet.reset();
  commits.reset();
  loop = std::make_unique<FakeExecutor>();
  commits = std::make_unique<HeldCommitQueue>(store, *loop);
  options.restored = restored;
  fleet = std::make_unique<Fleet>(options, *store.Load(), *commits, *loop, *loop,
                                  [this](const Status& status) { failure = status; });
  fleet->SetBaseUrls("https://controller:7443/metadata/", "https://controller:7443/targets/");
  fleet->Start();
}

void FleetWorld::Settle() {
  do {
    loop->RunReady();
  } while (commits->Flush() > 0);
  loop->RunReady();
}

void FleetWorld::Advance(Duration duration) {
  constexpr Duration kStep = absl::Milliseconds(100);
  for (Duration gone; gone < duration; gone += kStep) {
    loop->Advance(kStep);
    Settle();
  }
}

void FleetWorld::Enrol(const std::string& id) {
  FleetChange change;
  StoredDevice& device = change.devices.emplace_back();
  device.record.set_id(id);
  device.record.set_machine_fingerprint(DigestText("machine of " + id));
  device.record.set_certificate_serial("5e" + id);
  device.record.set_liveness(v1::LIVENESS_NEVER_SEEN);
  fleet->Apply(std::move(change), nullptr);
  Settle();
}

void FleetWorld::AddRelease(const std::string& version, std::uint64_t counter) {
  FleetChange change;
  v1::ReleaseRef& ref = *change.releases.emplace_back().mutable_ref();
  ref.set_line("pump");
  ref.set_version(version);
  ref.set_target_path("models-pump/" + version + ".release.json");
  ref.set_sha256(DigestText(version));
  ref.set_release_counter(counter);
  fleet->Apply(std::move(change), nullptr);
  Settle();
}

Status FleetWorld::StartRollout(const std::string& name, const std::string& version) {
  Status result = Internal("no answer");
  v1::CreateRolloutRequest create;
  v1::RolloutSpec& spec = *create.mutable_spec();
  spec.set_name(name);
  spec.set_line("pump");
  spec.set_version(version);
  v1::WaveSpec& wave = *spec.mutable_strategy()->add_waves();
  wave.set_name("all");
  wave.set_percent(100);
  wave.set_gate(v1::GATE_AUTO);
  wave.set_max_in_flight(100);
  fleet->rollouts().Create(create, "operator:alice",
                           [&](const auto& answer) { result = answer.status(); });
  Settle();
  if (!result.ok()) {
    return result;
  }
  v1::ActOnRolloutRequest start;
  start.set_rollout_id(name);
  start.set_action(v1::ROLLOUT_ACTION_START);
  fleet->rollouts().Act(start, "operator:alice",
                        [&](const auto& answer) { result = answer.status(); });
  Settle();
  return result;
}

v1::Hello FleetWorld::HelloOf(const std::string& id, std::uint64_t boot_epoch) {
  v1::Hello hello;
  hello.set_device_id(id);
  hello.set_machine_fingerprint(DigestText("machine of " + id));
  hello.set_agent_version("0.1.0");
  hello.set_boot_epoch(boot_epoch);
  return hello;
}

SessionPeer FleetWorld::PeerOf(const std::string& id) const {
  return SessionPeer{id, "5e" + id, loop->Now() + absl::Hours(24), Digest()};
}

std::shared_ptr<FakeDeviceSession> FleetWorld::Connect(const std::string& id,
                                                       std::uint64_t boot_epoch) {
  auto session = std::make_shared<FakeDeviceSession>();
  fleet->sessions().OnHello(PeerOf(id), session, HelloOf(id, boot_epoch));
  return session;
}

void FleetWorld::Report(const std::string& id, const FakeDeviceSession& session, std::uint64_t seq,
                        v1::DeploymentState state, std::uint64_t boot_epoch) {
  v1::UpdateReport report;
  report.set_boot_epoch(boot_epoch);
  report.set_seq(seq);
  report.set_state(state);
  report.mutable_release()->set_line("pump");
  report.mutable_release()->set_version("1.0.0");
  report.mutable_release()->set_sha256(DigestText("1.0.0"));
  if (!session.desired.empty() && session.desired.back().assignments_size() > 0) {
    const v1::Assignment& assignment = session.desired.back().assignments(0);
    *report.mutable_release() = assignment.release();
    report.set_rollout_id(assignment.rollout_id());
    report.set_rollout_revision(assignment.rollout_revision());
    report.set_wave(assignment.wave());
    report.set_attempt(assignment.attempt());
  }
  fleet->sessions().OnReport(id, &session, report);
}

}  // namespace flotilla::controller
