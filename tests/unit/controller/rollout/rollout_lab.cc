#include "tests/unit/controller/rollout/rollout_lab.h"

#include <gtest/gtest.h>

#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {

RolloutLab::RolloutLab(int devices) : book_(fleet_), now_(absl::FromUnixSeconds(1'800'000'000)) {
  for (int i = 1; i <= devices; ++i) {
    const std::string id = "dev-" + std::string(i < 10 ? "0" : "") + std::to_string(i);
    fleet_.AddDevice(id);
    devices_[id];
  }
}

void RolloutLab::Publish(const std::string& version, Conduct conduct) {
  v1::Release& release = fleet_.releases[{kLine, version}];
  release.mutable_ref()->set_line(kLine);
  release.mutable_ref()->set_version(version);
  std::string digest = "sha of " + version;
  digest.resize(32, '.');
  release.mutable_ref()->set_sha256(digest);
  release.mutable_ref()->set_release_counter(fleet_.releases.size());
  conducts_[version] = conduct;
}

v1::RolloutSpec RolloutLab::Spec(const std::string& name, const std::string& version,
                                 const std::vector<std::uint32_t>& counts, Duration soak) {
  v1::RolloutSpec spec;
  spec.set_name(name);
  spec.set_line(kLine);
  spec.set_version(version);
  for (const std::uint32_t count : counts) {
    v1::WaveSpec& wave = *spec.mutable_strategy()->add_waves();
    wave.set_name("w" + std::to_string(spec.strategy().waves_size()));
    wave.set_count(count);
    *wave.mutable_soak() = ToWire(soak);
  }
  v1::WaveSpec& rest = *spec.mutable_strategy()->add_waves();
  rest.set_name("rest");
  rest.set_percent(100);
  *rest.mutable_soak() = ToWire(soak);
  return spec;
}

void RolloutLab::CreateAndStart(const v1::RolloutSpec& spec) {
  auto created = book_.Create(spec, "alice", EmptyMatch::kRefuse, now_);
  ASSERT_TRUE(created.ok()) << created.status();
  Take(*created);
  ASSERT_TRUE(Act(spec.name(), v1::ROLLOUT_ACTION_START).ok());
  Settle();
}

Status RolloutLab::Act(const std::string& id, v1::RolloutAction action, v1::HoldMode hold) {
  auto change = book_.Act(id, action, hold, "alice", now_);
  if (change.ok()) {
    Take(*change);
  }
  return change.status();
}

void RolloutLab::Settle() {
  bool more = true;
  while (more) {
    more = false;
    for (const auto& [id, device] : fleet_.devices) {
      if (device.liveness() == v1::LIVENESS_ONLINE) {
        more = Work(id) || more;
      }
    }
  }
}

void RolloutLab::Wait(Duration duration, Duration step) {
  const Time end = now_ + duration;
  while (now_ < end) {
    now_ += step;
    Take(book_.Tick(now_));
    Settle();
  }
}

void RolloutLab::SetLabel(const std::string& device, const std::string& key,
                          const std::string& value) {
  (*fleet_.devices.at(device).mutable_labels())[key] = value;
  Take(book_.OnDevice(device, now_));
}

void RolloutLab::SetOnline(const std::string& device, v1::Liveness liveness) {
  fleet_.AddDevice(device).set_liveness(liveness);
  Take(book_.OnDevice(device, now_));
}

void RolloutLab::GoBad(const std::string& device) {
  SimulatedDevice& simulated = devices_[device];
  simulated.current = simulated.previous;
  Say(device, simulated.confirmed, v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM,
      v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
}

void RolloutLab::Report(const std::string& device, const v1::UpdateReport& report) {
  Take(book_.OnReport(device, report, now_));
}

v1::UpdateReport RolloutLab::ReportOf(const std::string& rollout, v1::DeploymentState state,
                                      v1::FailureReason reason) const {
  v1::UpdateReport report;
  report.set_rollout_id(rollout);
  report.set_attempt(1);
  *report.mutable_release() = book_.Find(rollout)->release();
  report.set_state(state);
  report.set_reason(reason);
  return report;
}

std::string RolloutLab::Runs(const std::string& device) const {
  return devices_.at(device).current;
}

std::string RolloutLab::RunsCount() const {
  std::map<std::string, int> counts;
  for (const auto& [id, device] : devices_) {
    ++counts[device.current];
  }
  std::string text;
  for (const auto& [version, count] : counts) {
    text += (text.empty() ? "" : ", ") + version + " x" + std::to_string(count);
  }
  return text;
}

v1::DeploymentState RolloutLab::StateOf(const std::string& rollout,
                                        const std::string& device) const {
  for (const v1::RolloutDevice& row : book_.Devices(rollout)) {
    if (row.device_id() == device) {
      return row.state();
    }
  }
  return v1::DEPLOYMENT_STATE_UNSPECIFIED;
}

std::vector<std::string> RolloutLab::Members(const std::string& rollout, std::uint32_t wave) const {
  std::vector<std::string> members;
  for (const v1::RolloutDevice& row : book_.Devices(rollout)) {
    if (row.wave() == wave) {
      members.push_back(row.device_id());
    }
  }
  return members;
}

void RolloutLab::Reload() {
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
  std::vector<v1::Policy> policies;
  for (const auto& [key, policy] : stored_policies_) {
    policies.push_back(policy);
  }
  book_.Load(rollouts, rows, baselines, policies);
}

void RolloutLab::Take(const RolloutChange& change) {
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

Status RolloutLab::TakeOf(const StatusOr<RolloutChange>& change) {
  if (change.ok()) {
    Take(*change);
    Settle();
  }
  return change.status();
}

bool RolloutLab::Work(const std::string& device) {
  const v1::DesiredState desired = book_.Desired(device);
  for (const v1::Assignment& assignment : desired.assignments()) {
    const std::string key = assignment.release().sha256() + "/" + assignment.rollout_id() + "/" +
                            std::to_string(assignment.attempt());
    if (assignment.hold() == v1::HOLD_MODE_UNSPECIFIED &&
        devices_[device].done.insert(key).second) {
      Install(device, assignment);
      return true;
    }
  }
  return false;
}

void RolloutLab::Say(const std::string& device, const v1::Assignment& assignment,
                     v1::DeploymentState state, v1::FailureReason reason) {
  v1::UpdateReport report;
  *report.mutable_release() = assignment.release();
  report.set_rollout_id(assignment.rollout_id());
  report.set_attempt(assignment.attempt());
  report.set_state(state);
  report.set_reason(reason);
  if (reason == v1::FAILURE_REASON_INSTALL_SMOKE_FAILED) {
    report.mutable_golden()->set_correct(15);
    report.mutable_golden()->set_running_correct(39);
    report.mutable_golden()->set_total(40);
  }
  Take(book_.OnReport(device, report, now_));
}

void RolloutLab::Install(const std::string& device, const v1::Assignment& assignment) {
  SimulatedDevice& simulated = devices_[device];
  const std::string& version = assignment.release().version();
  const auto say = [&](v1::DeploymentState state,
                       v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED) {
    Say(device, assignment, state, reason);
  };
  if (simulated.current == version) {
    say(v1::DEPLOYMENT_STATE_ALREADY_CURRENT);
    return;
  }
  say(v1::DEPLOYMENT_STATE_ACCEPTED);
  say(v1::DEPLOYMENT_STATE_DOWNLOADING);
  const Conduct conduct = conducts_.at(version);
  if (conduct == Conduct::kNotDelivered) {
    say(v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::FAILURE_REASON_FETCH_HTTP_STATUS);
    return;
  }
  if (conduct == Conduct::kRefusesSignature) {
    say(v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE, v1::FAILURE_REASON_TRUST_THRESHOLD);
    return;
  }
  say(v1::DEPLOYMENT_STATE_SELF_TESTING);
  if (conduct == Conduct::kFailsGolden) {
    say(v1::DEPLOYMENT_STATE_FAILED_REVERTED, v1::FAILURE_REASON_INSTALL_SMOKE_FAILED);
    return;
  }
  say(v1::DEPLOYMENT_STATE_ACTIVATING);
  say(v1::DEPLOYMENT_STATE_TRIAL);
  simulated.activated.insert(version);
  if (conduct == Conduct::kSticksInTrial) {
    return;
  }
  simulated.previous = simulated.current;
  simulated.current = version;
  simulated.confirmed = assignment;
  say(v1::DEPLOYMENT_STATE_SUCCEEDED);
}

}  // namespace flotilla::rollout
