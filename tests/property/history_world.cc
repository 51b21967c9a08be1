#include "tests/property/history_world.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr char kLine[] = "pump";
constexpr char kBase[] = "1.0.0";
constexpr std::uint32_t kMostRollouts = 4;
constexpr int kSettleRounds = 400;
constexpr int kQuietRounds = 8;

bool IsReturned(v1::RolloutState state) {
  return state == v1::ROLLOUT_STATE_ABORTED || state == v1::ROLLOUT_STATE_ROLLED_BACK;
}

}  // namespace

HistoryWorld::HistoryWorld(std::uint32_t seed)
    : random_(seed),
      book_(fleet_),
      now_(absl::FromUnixSeconds(1'800'000'000)),
      trouble_(Below(3) == 0 ? 25 : 2) {
  // Most fleets are small; some have waves that the bounds can judge.
  const std::uint32_t devices = Often(15) ? 120 : 8 + Below(20);
  const std::uint32_t sites = 1 + Below(5);
  for (std::uint32_t i = 0; i < devices; ++i) {
    const std::string id = absl::StrCat("dev-", absl::Dec(i, absl::kZeroPad3));
    v1::Device& device = fleet_.AddDevice(id);
    device.mutable_facts()->set_hardware(Often(20) ? "old" : "new");
    (*device.mutable_labels())["site"] = absl::StrCat("site-", Below(sites));
    ids_.push_back(id);
  }
  Publish(kBase);
  // Every device runs the baseline, and the line has one.
  stored_baselines_[kLine] = {kLine, fleet_.FindRelease(kLine, kBase)->ref(), "", ""};
  book_.Load({}, {}, {stored_baselines_[kLine]});
  for (const std::string& id : ids_) {
    Hear(id);
    while (agents_[id].Step(HistoryAgent::Luck::kGood).has_value()) {
    }
  }
  Create("r1", "2.0.0");
}

std::string HistoryWorld::Run(std::uint32_t steps) {
  for (std::uint32_t i = 0; i < steps; ++i) {
    Step();
    const std::string broken = Often(3) ? Restart() : std::string();
    std::string promise = broken.empty() ? watch_.Check(book_) : broken;
    if (!promise.empty()) {
      return promise;
    }
  }
  return {};
}

void HistoryWorld::Publish(const std::string& version) {
  v1::Release& release = fleet_.releases[{kLine, version}];
  release.mutable_ref()->set_line(kLine);
  release.mutable_ref()->set_version(version);
  std::string digest = absl::StrCat("sha of ", version);
  digest.resize(32, '.');
  release.mutable_ref()->set_sha256(digest);
  release.mutable_ref()->set_release_counter(fleet_.releases.size());
}

v1::RolloutSpec HistoryWorld::SpecOf(const std::string& id, const std::string& version) {
  v1::RolloutSpec spec;
  spec.set_name(id);
  spec.set_line(kLine);
  spec.set_version(version);
  spec.mutable_delivery()->set_max_in_flight(2 + Below(12));
  spec.mutable_delivery()->set_per_site(Below(3));
  if (Often(20)) {
    spec.mutable_delivery()->mutable_rate()->set_start("20/m");
    spec.mutable_delivery()->mutable_rate()->set_factor(2);
    spec.mutable_delivery()->mutable_rate()->set_after_succeeded(5);
  }
  spec.mutable_strategy()->mutable_judge()->set_on_fail(Often(25) ? v1::ON_FAIL_PAUSE
                                                                  : v1::ON_FAIL_ABORT);
  spec.set_on_overlap(v1::ON_OVERLAP_REPLACE);
  spec.set_priority(Below(2));
  if (Often(15)) {
    v1::Window& window = *spec.add_windows();
    window.set_rrule("FREQ=DAILY;BYHOUR=0,2,4,6,8,10,12,14,16,18,20,22");
    *window.mutable_duration() = ToWire(absl::Hours(1));
    window.set_zone(Often(50) ? "device-local" : "Europe/Vienna");
    window.set_applies(static_cast<v1::WindowApplies>(1 + Below(3)));
  }
  const std::uint32_t waves = Below(3);
  for (std::uint32_t i = 0; i < waves; ++i) {
    v1::WaveSpec& wave = *spec.mutable_strategy()->add_waves();
    wave.set_name(absl::StrCat("w", i));
    wave.set_count(ids_.size() > 100 ? 80 : 1 + Below(6));
    wave.set_max_in_flight(Below(8));
    wave.set_gate(Often(20) ? v1::GATE_MANUAL : v1::GATE_AUTO);
    *wave.mutable_soak() = ToWire(absl::Seconds(Below(30)));
  }
  v1::WaveSpec& rest = *spec.mutable_strategy()->add_waves();
  rest.set_name("rest");
  rest.set_percent(100);
  *spec.mutable_deadlines()->mutable_activate() = ToWire(absl::Minutes(10));
  return spec;
}

void HistoryWorld::Create(const std::string& id, const std::string& version) {
  Publish(version);
  ++rollouts_;
  auto created = book_.Create(SpecOf(id, version), "alice", EmptyMatch::kAllow, now_);
  Note(absl::StrCat("create ", id, " of ", version, ": ", created.status().ToString()));
  Take(created.value_or(RolloutChange()));
  auto started = book_.Act(id, v1::ROLLOUT_ACTION_START, v1::HOLD_MODE_UNSPECIFIED, "alice", now_);
  Note(absl::StrCat("start ", id, ": ", started.status().ToString()));
  Take(started.value_or(RolloutChange()));
}

std::string HistoryWorld::AnyRollout() {
  return absl::StrCat("r", 1 + Below(rollouts_));
}

void HistoryWorld::Take(const RolloutChange& change) {
  for (const v1::Rollout& row : change.rollouts) {
    stored_rollouts_[row.id()] = row;
  }
  for (const v1::RolloutDevice& row : change.devices) {
    stored_devices_[{row.rollout_id(), row.device_id()}] = row;
  }
  for (const LineBaseline& baseline : change.baselines) {
    stored_baselines_[baseline.line] = baseline;
  }
  for (const v1::Policy& policy : change.policies) {
    stored_policies_[KeyOf(policy)] = policy;
  }
}

void HistoryWorld::Step() {
  const std::uint32_t what = Below(100);
  if (what < 45) {
    Work(AnyDevice());
  } else if (what < 75) {
    Deliver();
  } else if (what < 82) {
    MoveDevice();
  } else if (what < 86) {
    Operate();
  } else {
    now_ += absl::Seconds(1 + Below(Often(10) ? 900 : 20));
    Note(absl::StrCat("tick at ", UtcText(now_)));
    Take(book_.Tick(now_));
  }
}

// What the device says that it has installed, at its hello and with its reports.
void HistoryWorld::Observe(const std::string& device) {
  v1::Device& record = fleet_.devices[device];
  record.clear_lines();
  v1::LineStatus& line = *record.add_lines();
  line.set_line(kLine);
  if (const v1::Release* release = fleet_.FindRelease(kLine, agents_[device].runs());
      release != nullptr) {
    *line.mutable_current() = release->ref();
  }
}

void HistoryWorld::Hear(const std::string& device) {
  const v1::DesiredState desired = book_.Desired(device);
  agents_[device].Hear(desired.assignments_size() > 0 ? &desired.assignments(0) : nullptr);
}

HistoryAgent::Luck HistoryWorld::DrawLuck() {
  using Luck = HistoryAgent::Luck;
  static constexpr Luck kBad[] = {Luck::kNotDelivered, Luck::kNotDelivered, Luck::kFails,
                                  Luck::kFails,        Luck::kDegrades,     Luck::kRejects,
                                  Luck::kSticks,       Luck::kSticks};
  return Often(trouble_) ? kBad[Below(8)] : Luck::kGood;
}

void HistoryWorld::Work(const std::string& device) {
  HistoryAgent& agent = agents_[device];
  // A device that is cut off works on with what it heard before.
  if (fleet_.devices[device].liveness() == v1::LIVENESS_ONLINE && Often(80)) {
    Hear(device);
  }
  // What a device went back to ran there before: that it goes bad too is another story.
  const auto last = agent.SayAgain();
  const v1::Rollout* rollout = last.has_value() ? book_.Find(last->rollout_id()) : nullptr;
  const bool brought =
      rollout != nullptr && rollout->release().sha256() == last->release().sha256();
  const std::optional<v1::UpdateReport> nothing;
  auto said =
      Often(trouble_ > 10 ? 2 : 1) ? (brought ? agent.GoBad() : nothing) : agent.Step(DrawLuck());
  if (said.has_value()) {
    Note(absl::StrCat(device, " says ", NameOf(said->state()), " of ", said->release().version(),
                      " for ", said->rollout_id()));
    letters_.push_back({device, *said});
  }
}

void HistoryWorld::Deliver() {
  if (letters_.empty()) {
    return;
  }
  // Mostly the oldest, sometimes any: reports overtake each other.
  const std::size_t at = Often(70) ? 0 : Below(static_cast<std::uint32_t>(letters_.size()));
  const Letter letter = letters_[at];
  const bool lost = Often(4);
  const bool repeated = Often(10);
  if (!repeated || lost) {
    letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  Note(absl::StrCat(lost       ? "lost: "
                    : repeated ? "arrives, and will again: "
                               : "arrives: ",
                    letter.device, " ", NameOf(letter.report.state()), " for ",
                    letter.report.rollout_id()));
  if (!lost) {
    Observe(letter.device);
    Take(book_.OnReport(letter.device, letter.report, now_));
  }
}

void HistoryWorld::MoveDevice() {
  const std::string& id = AnyDevice();
  v1::Device& device = fleet_.devices[id];
  const bool back = device.liveness() != v1::LIVENESS_ONLINE;
  device.set_liveness(back ? v1::LIVENESS_ONLINE : v1::LIVENESS_OFFLINE);
  Note(absl::StrCat(id, back ? " is back" : " is away"));
  if (back) {
    Observe(id);
  }
  Take(book_.OnDevice(id, now_));
}

void HistoryWorld::Extend(const std::string& id) {
  auto change = book_.Extend(id, absl::Seconds(5), "alice", now_);
  Note(absl::StrCat("extend ", id, ": ", change.status().ToString()));
  Take(change.value_or(RolloutChange()));
}

void HistoryWorld::Operate() {
  const std::string id = AnyRollout();
  if (rollouts_ < kMostRollouts && Often(4)) {
    Create(absl::StrCat("r", rollouts_ + 1), absl::StrCat(rollouts_ + 2, ".0.0"));
    return;
  }
  if (Often(15)) {
    Extend(id);
    return;
  }
  if (Often(15)) {
    Rule();
    return;
  }
  static constexpr v1::RolloutAction kActions[] = {
      v1::ROLLOUT_ACTION_PAUSE,   v1::ROLLOUT_ACTION_RESUME,  v1::ROLLOUT_ACTION_RESUME,
      v1::ROLLOUT_ACTION_RESUME,  v1::ROLLOUT_ACTION_PROMOTE, v1::ROLLOUT_ACTION_PROMOTE,
      v1::ROLLOUT_ACTION_PROMOTE, v1::ROLLOUT_ACTION_RETRY,   v1::ROLLOUT_ACTION_ABORT,
      v1::ROLLOUT_ACTION_ROLLBACK};
  const v1::RolloutAction action = kActions[Below(Often(15) ? 10 : 8)];
  const v1::HoldMode hold = Often(50) ? v1::HOLD_MODE_DRAIN : v1::HOLD_MODE_FREEZE;
  auto change = book_.Act(id, action, hold, "alice", now_);
  Note(absl::StrCat(v1::RolloutAction_Name(action), " ", id, ": ", change.status().ToString()));
  Take(change.value_or(RolloutChange()));
}

std::string HistoryWorld::Restart() {
  Note("restart");
  std::vector<v1::Rollout> rollouts;
  std::vector<v1::RolloutDevice> rows;
  std::vector<LineBaseline> baselines;
  for (const auto& [id, row] : stored_rollouts_) {
    rollouts.push_back(row);
  }
  for (const auto& [key, row] : stored_devices_) {
    rows.push_back(row);
  }
  for (const auto& [line, baseline] : stored_baselines_) {
    baselines.push_back(baseline);
  }
  const auto text = [this] {
    std::string all;
    for (const v1::Rollout& rollout : book_.List()) {
      absl::StrAppend(&all, rollout.DebugString());
      for (const v1::RolloutDevice& row : book_.Devices(rollout.id())) {
        absl::StrAppend(&all, row.DebugString());
      }
    }
    for (const std::string& id : ids_) {
      absl::StrAppend(&all, book_.Desired(id).DebugString());
    }
    return all;
  };
  const std::string before = text();
  std::vector<v1::Policy> policies;
  for (const auto& [key, policy] : stored_policies_) {
    policies.push_back(policy);
  }
  book_.Load(rollouts, rows, baselines, policies);
  return text() == before ? std::string() : "a restart changes what the book says";
}

std::string HistoryWorld::CheckRunning() const {
  for (const v1::Rollout& rollout : book_.List()) {
    if (!IsReturned(rollout.state())) {
      continue;
    }
    for (const auto& [id, agent] : agents_) {
      if (agent.runs() == rollout.spec().version()) {
        return absl::StrCat(id, " still runs ", agent.runs(), ", which ", rollout.id(),
                            " took back");
      }
    }
  }
  return {};
}

void HistoryWorld::AllStep() {
  for (const std::string& id : ids_) {
    Hear(id);
    if (auto said = agents_[id].Step(HistoryAgent::Luck::kGood); said.has_value()) {
      letters_.push_back({id, *said});
    }
  }
}

void HistoryWorld::DeliverAll() {
  for (const Letter& letter : std::exchange(letters_, {})) {
    Observe(letter.device);
    Take(book_.OnReport(letter.device, letter.report, now_));
  }
}

std::string HistoryWorld::Settle() {
  Note("everything settles");
  LiftRules();
  for (const std::string& id : ids_) {
    fleet_.devices[id].set_liveness(v1::LIVENESS_ONLINE);
    Observe(id);
    Take(book_.OnDevice(id, now_));
  }
  // What was lost is said again when the device connects.
  for (const std::string& id : ids_) {
    if (const auto again = agents_[id].SayAgain(); again.has_value()) {
      letters_.push_back({id, *again});
    }
  }
  int quiet = 0;
  for (int round = 0; round < kSettleRounds && quiet < kQuietRounds; ++round) {
    AllStep();
    quiet = letters_.empty() ? quiet + 1 : 0;
    DeliverAll();
    now_ += absl::Seconds(30);
    Take(book_.Tick(now_));
    if (std::string broken = watch_.Check(book_); !broken.empty()) {
      return broken;
    }
  }
  for (const v1::Rollout& rollout : book_.List()) {
    if (rollout.state() == v1::ROLLOUT_STATE_ABORTING ||
        rollout.state() == v1::ROLLOUT_STATE_ROLLING_BACK) {
      std::string text =
          absl::StrCat(rollout.id(), " never ends: ", v1::RolloutState_Name(rollout.state()));
      for (const v1::RolloutDevice& row : book_.Devices(rollout.id())) {
        absl::StrAppend(&text, "; ", row.ShortDebugString(), " told ",
                        book_.Desired(row.device_id()).ShortDebugString());
      }
      return text;
    }
  }
  return CheckRunning();
}

}  // namespace flotilla::rollout
