#include "tests/integration/controller/guard_world.h"

#include <gtest/gtest.h>

#include "controller/fleet/rollout_desk.h"
#include "controller/fleet/session_desk.h"
#include "controller/health/concern.h"
#include "security/sha256.h"
#include "telemetry/dap/report_builder.h"

namespace flotilla::controller {
namespace {

constexpr char kLine[] = "pump";
constexpr char kId[] = "v2";
constexpr Duration kStep = absl::Milliseconds(100);
constexpr Duration kHeartbeat = absl::Seconds(20);
constexpr std::uint32_t kSame = 1;
constexpr std::uint32_t kWorse = 2;
constexpr std::uint64_t kBadControlsPercent = 3;

std::string DigestText(const std::string& text) {
  return ToText(security::Sha256(AsBytes(text)).bytes());
}

v1::ReleaseRef ReleaseOf(const std::string& version, std::uint64_t counter) {
  v1::ReleaseRef ref;
  ref.set_line(kLine);
  ref.set_version(version);
  ref.set_target_path("models-pump/" + version + ".release.json");
  ref.set_sha256(DigestText(version));
  ref.set_release_counter(counter);
  return ref;
}

bool IsBad(const std::string& id, std::uint64_t percent) {
  return security::Sha256(AsBytes("mood of " + id)).bytes()[0] * std::uint64_t{100} < percent * 256;
}

}  // namespace

GuardWorld::GuardWorld(std::size_t devices, Helper helper) : has_helper_(helper) {
  FillFleet(devices);
  StartProcess();
}

GuardWorld::~GuardWorld() = default;

void GuardWorld::FillFleet(std::size_t devices) {
  FleetChange change;
  *change.releases.emplace_back().mutable_ref() = ReleaseOf("1.0.0", 1);
  *change.releases.emplace_back().mutable_ref() = ReleaseOf("2.0.0", 2);
  change.baselines.push_back({kLine, ReleaseOf("1.0.0", 1), "", ""});
  for (std::size_t i = 0; i < devices; ++i) {
    const std::string id = "dev-" + std::to_string(i);
    v1::Device& record = change.devices.emplace_back().record;
    record.set_id(id);
    record.set_machine_fingerprint(DigestText("machine of " + id));
    record.set_certificate_serial("5e" + id);
    Device& device = devices_[id];
    device.current = ReleaseOf("1.0.0", 1);
    device.reporting_key = *security::GenerateEd25519();
    helper_.Register(device.reporting_key->public_key());
  }
  ASSERT_TRUE(fleet_store_.Commit(change).ok());
}

void GuardWorld::Restart() {
  guards_.reset();
  health_.reset();
  fleet_.reset();
  commits_.reset();
  commits_held = false;
  const Time now = loop_->Now();
  loop_ = std::make_unique<FakeExecutor>();  // nothing of the dead process runs
  loop_->SetWallClock(now);
  StartProcess();
}

void GuardWorld::StartProcess() {
  board_ = std::make_unique<HealthBoard>();
  commits_ = std::make_unique<HeldCommitQueue>(fleet_store_, *loop_);
  fleet_ = std::make_unique<Fleet>(FleetOptions(), *fleet_store_.Load(), *commits_, *loop_, *loop_,
                                   [](const Status& status) { ADD_FAILURE() << status; });
  if (has_helper_ == Helper::kThere) {
    keys_ = *LeaderKeys::Open(folder_.path() / "health", fs_, random_, loop_->Now());
    health_ = std::make_unique<HealthDesk>(
        HealthDeskOptions{{"leader.example:7442", "helper.example:7446"}, {"Site IT", {}}},
        HealthParts{health_store_, shares_, helper_, *keys_, *loop_, *loop_, random_}, *board_);
    ASSERT_TRUE(health_->Load().ok());
    health_->Start();
  } else {
    board_->Publish(PictureWithoutHelper());
  }
  guards_ = std::make_unique<GuardDesk>(
      GuardDesk::Parts{*fleet_, *loop_, *loop_, *board_, health_.get()});
  fleet_->Start();
  guards_->Start();
  for (auto& [id, device] : devices_) {
    Connect(id, device);
  }
  Settle();
}

void GuardWorld::Connect(const std::string& id, Device& device) {
  device.session = std::make_shared<FakeDeviceSession>();
  v1::Hello hello;
  hello.set_device_id(id);
  hello.set_machine_fingerprint(DigestText("machine of " + id));
  hello.set_agent_version("0.1.0");
  hello.set_boot_epoch(1);
  v1::LineStatus& line = *hello.add_lines();
  line.set_line(kLine);
  *line.mutable_current() = device.current;
  fleet_->sessions().OnHello({id, "5e" + id, loop_->Now() + absl::Hours(24 * 90), Digest()},
                             device.session, hello);
}

v1::RolloutSpec GuardWorld::Guarded(std::uint32_t canaries, std::uint32_t looks) {
  v1::RolloutSpec spec;
  spec.set_name(kId);
  spec.set_line(kLine);
  spec.set_version("2.0.0");
  v1::WaveSpec& canary = *spec.mutable_strategy()->add_waves();
  canary.set_name("canary");
  canary.set_count(canaries);
  canary.set_max_in_flight(100);
  canary.mutable_soak()->set_seconds(2);
  v1::WaveSpec& rest = *spec.mutable_strategy()->add_waves();
  rest.set_name("rest");
  rest.set_percent(100);
  v1::HealthGuard& guard = *spec.mutable_strategy()->add_guards();
  guard.set_metric("gate_verdict");
  guard.set_max_bad_increase(0.4);
  guard.set_looks(looks);
  guard.mutable_demo_window()->set_seconds(5);
  return spec;
}

void GuardWorld::Start(const v1::RolloutSpec& spec) {
  v1::CreateRolloutRequest create;
  *create.mutable_spec() = spec;
  fleet_->rollouts().Create(create, "operator:alice", [](const auto& answer) {
    EXPECT_TRUE(answer.ok()) << answer.status();
  });
  v1::ActOnRolloutRequest start;
  start.set_rollout_id(spec.name());
  start.set_action(v1::ROLLOUT_ACTION_START);
  fleet_->rollouts().Act(start, "operator:alice",
                         [](const auto& answer) { EXPECT_TRUE(answer.ok()) << answer.status(); });
  Settle();
}

void GuardWorld::Settle() {
  do {
    loop_->RunReady();
  } while (!commits_held && commits_->Flush() > 0);
  loop_->RunReady();
}

void GuardWorld::Advance(Duration duration) {
  for (Duration gone; gone < duration; gone += kStep) {
    loop_->Advance(kStep);
    Settle();
    Work();
    Settle();
  }
}

bool GuardWorld::AdvanceUntil(const std::function<bool()>& done, Duration limit) {
  for (Duration gone; gone < limit && !done(); gone += kStep) {
    Advance(kStep);
  }
  return done();
}

void GuardWorld::Work() {
  const bool heard = loop_->Now() - heard_ >= kHeartbeat;
  for (auto& [id, device] : devices_) {
    Install(id, device);
    Vote(id, device);
    if (heard) {
      fleet_->sessions().OnHeartbeat(id, device.session.get());
    }
  }
  heard_ = heard ? loop_->Now() : heard_;
}

void GuardWorld::Install(const std::string& id, Device& device) {
  if (device.session->desired.empty()) {
    return;
  }
  const v1::DesiredState desired = device.session->desired.back();
  for (const v1::Assignment& assignment : desired.assignments()) {
    if (assignment.release().sha256() == device.current.sha256() ||
        assignment.hold() != v1::HOLD_MODE_UNSPECIFIED) {
      continue;
    }
    for (const auto state : {v1::DEPLOYMENT_STATE_ACCEPTED, v1::DEPLOYMENT_STATE_TRIAL,
                             v1::DEPLOYMENT_STATE_SUCCEEDED}) {
      Say(id, device, assignment, state);
    }
    device.current = assignment.release();
  }
}

void GuardWorld::Say(const std::string& id, Device& device, const v1::Assignment& assignment,
                     v1::DeploymentState state) {
  v1::UpdateReport report;
  report.set_boot_epoch(1);
  report.set_seq(++device.seq);
  report.set_state(state);
  *report.mutable_release() = assignment.release();
  report.set_rollout_id(assignment.rollout_id());
  report.set_rollout_revision(assignment.rollout_revision());
  report.set_wave(assignment.wave());
  report.set_attempt(assignment.attempt());
  fleet_->sessions().OnReport(id, device.session.get(), report);
}

void GuardWorld::Vote(const std::string& id, Device& device) {
  const std::shared_ptr<const HealthPicture> picture = board_->Newest();
  if (picture->offers.empty()) {
    return;
  }
  DeviceConcern concern = ConcernOf(*fleet_->state().FindDevice(id));
  concern.guarded = fleet_->rollouts().GuardTasksOf(id, GuardOffers(*picture));
  for (const HealthOffer& offer : picture->offers) {
    if (!Concerns(offer, concern)) {
      continue;
    }
    auto& task = gates_[offer.task];
    if (task == nullptr) {
      task = std::make_shared<const dap::Task>(
          *dap::Task::Create(*dap::TaskConfiguration::Decode(offer.configuration)));
    }
    const dap::TaskConfiguration& configuration = task->configuration();
    told_[static_cast<v1::HealthArm>(configuration.cohort.arm)].insert(id);
    for (std::uint32_t look = 0; look < configuration.noise.looks; ++look) {
      const dap::WindowStart window = configuration.interval.start + look * configuration.window;
      const bool due = loop_->Now() >= task->EndOf(window) + absl::Seconds(1);
      if (due && device.reported.insert({offer.task, window}).second) {
        Report(id, device, *task, window);
      }
    }
  }
}

void GuardWorld::Report(const std::string& id, Device& device, const dap::Task& task,
                        dap::WindowStart window) {
  const bool canary = task.configuration().cohort.arm == dap::Arm::kCanary;
  const bool bad = IsBad(id, canary ? bad_canaries_percent : kBadControlsPercent);
  const auto leader = dap::SignedHpkeConfigs::Decode(keys_->signed_configs());
  const auto second = dap::SignedHpkeConfigs::Decode(helper_.hpke_configs());
  const auto builder = dap::ReportBuilder::Create(
      task, *leader->list.Choose(), *second->list.Choose(), *device.reporting_key, random_);
  const Bytes report = *builder->Build(window, bad ? kWorse : kSame);
  Bytes message(task.id().bytes().begin(), task.id().bytes().end());
  message.insert(message.end(), report.begin(), report.end());
  health_->Upload(id, message, [](const StatusOr<v1::UploadResult>& result) {
    EXPECT_TRUE(result.ok() && *result == v1::UPLOAD_RESULT_TAKEN);
  });
}

v1::Rollout GuardWorld::Rollout() const {
  return fleet_->rollouts().Find(kId).value_or(v1::Rollout());
}

v1::WaveGuard GuardWorld::StoredGuard() {
  const auto snapshot = fleet_store_.Load();
  return snapshot->rollouts.front().waves(0).guard();
}

std::string GuardWorld::Explained() const {
  std::string text;
  for (const std::string& line :
       fleet_->rollouts().Explain(kId).value_or(std::vector<std::string>())) {
    text += line + "\n";
  }
  return text;
}

std::size_t GuardWorld::Audited(const std::string& action) {
  std::size_t count = 0;
  const auto page = fleet_store_.AuditPage(0, 1000);
  for (const v1::AuditEntry& entry : *page) {
    count += entry.action() == action ? 1U : 0U;
  }
  return count;
}

}  // namespace flotilla::controller
