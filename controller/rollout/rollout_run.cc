#include "controller/rollout/rollout_run.h"

#include "controller/rollout/cohort.h"
#include "controller/rollout/cusum.h"
#include "controller/rollout/evidence.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {

RolloutRun::RolloutRun(v1::Rollout row)
    : row_(std::move(row)), sprt_(row_.spec().strategy().judge()) {
  auto selector = Selector::Parse(row_.spec().selector());
  if (selector.ok()) {  // Checked when the rollout was created.
    selector_ = *std::move(selector);
  }
}

bool RolloutRun::IsActive() const {
  return Is(v1::ROLLOUT_STATE_RUNNING) || Is(v1::ROLLOUT_STATE_PAUSED);
}

bool RolloutRun::IsReturning() const {
  return Is(v1::ROLLOUT_STATE_ABORTING) || Is(v1::ROLLOUT_STATE_ROLLING_BACK);
}

bool RolloutRun::IsFinal() const {
  switch (row_.state()) {
    case v1::ROLLOUT_STATE_COMPLETED:
    case v1::ROLLOUT_STATE_ABORTED:
    case v1::ROLLOUT_STATE_ROLLED_BACK:
    case v1::ROLLOUT_STATE_SUPERSEDED:
    case v1::ROLLOUT_STATE_CANCELLED:
      return true;
    default:
      return false;
  }
}

const v1::RolloutDevice* RolloutRun::FindDevice(const std::string& device_id) const {
  const auto found = devices_.find(device_id);
  return found == devices_.end() ? nullptr : &found->second;
}

v1::RolloutDevice* RolloutRun::FindDevice(const std::string& device_id) {
  const auto found = devices_.find(device_id);
  return found == devices_.end() ? nullptr : &found->second;
}

void RolloutRun::LoadDevice(const v1::RolloutDevice& device) {
  devices_[device.device_id()] = device;
  Index(device);
}

v1::RolloutDevice& RolloutRun::AddDevice(const std::string& device_id, std::uint32_t wave_index,
                                         const Turn& turn) {
  v1::RolloutDevice& device = devices_[device_id];
  device.set_rollout_id(id());
  device.set_device_id(device_id);
  device.set_wave(wave_index);
  device.set_state(v1::DEPLOYMENT_STATE_PENDING);
  device.set_attempt(1);
  *device.mutable_changed_at() = ToWire(turn.now);
  v1::Wave& target = wave(wave_index);
  target.set_members(target.members() + 1);
  ++(*target.mutable_counts())[v1::DEPLOYMENT_STATE_PENDING];
  Index(device);
  turn.changes.NoteDevice(*this, device_id);
  return device;
}

void RolloutRun::Move(v1::RolloutDevice& device, v1::DeploymentState to, v1::FailureReason reason,
                      const Turn& turn) {
  Unindex(device);
  CountMove(wave(device.wave()), device.state(), to);
  device.set_state(to);
  device.set_reason(reason);
  *device.mutable_changed_at() = ToWire(turn.now);
  if (IsAttempting(to) && !device.has_accepted_at()) {
    *device.mutable_accepted_at() = ToWire(turn.now);
  }
  Index(device);
  turn.changes.NoteDevice(*this, device.device_id());
}

void RolloutRun::MoveToCatchUp(v1::RolloutDevice& device, const Turn& turn) {
  Unindex(device);
  device.set_catch_up(true);
  Index(device);
  turn.changes.NoteDevice(*this, device.device_id());
}

void RolloutRun::Explain(const std::string& why, const Turn& turn) {
  if (row_.why() != why) {
    row_.set_why(why);
    turn.changes.NoteRollout(*this);
  }
}

void RolloutRun::Index(const v1::RolloutDevice& device) {
  if (IsTerminal(device.state())) {
    return;
  }
  OpenSet& open = device.catch_up() ? catch_up_ : quorum_;
  open.emplace(CohortHash(id(), device.device_id()), device.device_id());
  if (IsInFlight(device.state())) {
    ++(device.catch_up() ? catch_up_in_flight_ : quorum_in_flight_);
  }
}

void RolloutRun::Unindex(const v1::RolloutDevice& device) {
  if (IsTerminal(device.state())) {
    return;
  }
  OpenSet& open = device.catch_up() ? catch_up_ : quorum_;
  open.erase({CohortHash(id(), device.device_id()), device.device_id()});
  if (IsInFlight(device.state())) {
    --(device.catch_up() ? catch_up_in_flight_ : quorum_in_flight_);
  }
}

void RolloutRun::CountMove(v1::Wave& wave, v1::DeploymentState from, v1::DeploymentState to) {
  auto& counts = *wave.mutable_counts();
  if (--counts[from] == 0) {
    counts.erase(from);
  }
  ++counts[to];
  const WaveEvidence evidence = EvidenceOf(wave);
  wave.set_quality_failures(evidence.quality_failures);
  wave.set_delivery_failures(evidence.delivery_failures);
  wave.set_llr(sprt_.Llr(evidence.quality_failures, evidence.succeeded));
  row_.set_cusum(CusumAfter(row_.cusum(), OutcomeOf(from), OutcomeOf(to), sprt_));
}

}  // namespace flotilla::rollout
