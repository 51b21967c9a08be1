#include "controller/rollout/rollout_run.h"

#include <algorithm>
#include <utility>

#include "controller/rollout/cusum.h"
#include "controller/rollout/deadlines.h"
#include "controller/rollout/evidence.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/stratum_hold.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

// What the monitor counts the device as.
Outcome JudgedOutcome(const v1::RolloutDevice& device) {
  return device.excused() ? Outcome::kNeutral : OutcomeOf(device.state());
}

bool HasTried(const v1::RolloutDevice& device) {
  const Outcome outcome = OutcomeOf(device.state());
  return device.has_accepted_at() || outcome == Outcome::kSuccess || outcome == Outcome::kQuality ||
         outcome == Outcome::kDelivery;
}

}  // namespace

RolloutRun::RolloutRun(v1::Rollout row)
    : row_(std::move(row)), sprt_(row_.spec().strategy().judge()), index_(row_.id()) {
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
  return devices_.Find(device_id);
}

v1::RolloutDevice* RolloutRun::FindDevice(const std::string& device_id) {
  return devices_.Find(device_id);
}

void RolloutRun::LoadDevice(const v1::RolloutDevice& device, const FleetView& fleet) {
  devices_[device.device_id()] = device;
  tally_.Add(FacetsOf(device, fleet.FindDevice(device.device_id())), HasTried(device) ? 1 : 0,
             OutcomeOf(device.state()) == Outcome::kQuality ? 1 : 0);
  index_.Add(device);
  NoteAttempt(device);
  // What a held stratum excuses is no burst.
  const bool held = IsHeld(*this, device, fleet.FindDevice(device.device_id()));
  if (OutcomeOf(device.state()) == Outcome::kQuality && !device.site().empty() && !held) {
    bursts_.Load(device.device_id(), device.site(),
                 device.excused() ? SiteBursts::Counts::kWithAnother : SiteBursts::Counts::kYes,
                 FromWire(device.changed_at()));
  }
  if (IsReturning()) {
    awaited_.insert(device.device_id());
  }
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
  if (const v1::Device* known = turn.fleet.FindDevice(device_id); known != nullptr) {
    device.set_site(SiteOf(*known));
  }
  device.set_pinned(turn.policies.PinOf(device_id, spec().line()) != nullptr);
  v1::Wave& target = wave(wave_index);
  target.set_members(target.members() + 1);
  ++(*target.mutable_counts())[v1::DEPLOYMENT_STATE_PENDING];
  index_.Add(device);
  candidates_.Remove(index_.OrderOf(device_id), device_id);
  turn.changes.NoteDevice(*this, device_id);
  return device;
}

void RolloutRun::Move(v1::RolloutDevice& device, v1::DeploymentState to, v1::FailureReason reason,
                      const Turn& turn) {
  const v1::DeploymentState from = device.state();
  const Outcome before = JudgedOutcome(device);
  const int tried_before = HasTried(device) ? 1 : 0;
  const int failed_before = OutcomeOf(from) == Outcome::kQuality ? 1 : 0;
  index_.Remove(device);
  CountMove(wave(device.wave()), from, to);
  device.set_state(to);
  device.set_reason(reason);
  device.clear_retry_at();
  *device.mutable_changed_at() = ToWire(turn.now);
  if (IsAttempting(to) && !device.has_accepted_at()) {
    *device.mutable_accepted_at() = ToWire(turn.now);
  }
  NoteAttempt(device);
  if (const auto deadline = DeadlineOf(device, DeadlinesOf(spec())); deadline.has_value()) {
    next_deadline = std::min(next_deadline, *deadline);
  }
  const int tried = (HasTried(device) ? 1 : 0) - tried_before;
  const int failed = (OutcomeOf(to) == Outcome::kQuality ? 1 : 0) - failed_before;
  if (tried != 0 || failed != 0) {
    tally_.Add(FacetsOf(device, turn.fleet.FindDevice(device.device_id())), tried, failed);
  }
  Excuse(device, from, turn);
  RefreshEvidence(wave(device.wave()));
  row_.set_cusum(CusumAfter(row_.cusum(), before, JudgedOutcome(device), sprt_));
  index_.Add(device);
  if (IsInFlight(from) && !IsInFlight(to)) {
    WakeSite(device.site());
  }
  turn.changes.NoteDevice(*this, device.device_id());
}

void RolloutRun::WakeSite(const std::string& site) {
  std::string next = index_.TakeWaiting(site);
  while (!next.empty() && !index_.Wake(*FindDevice(next))) {
    next = index_.TakeWaiting(site);
  }
}

void RolloutRun::ExcuseFailure(v1::RolloutDevice& device, const Turn& turn) {
  if (device.excused() || OutcomeOf(device.state()) != Outcome::kQuality) {
    return;
  }
  SetExcused(device, /*excused=*/true);
  bursts_.Forget(device.device_id());
  RefreshEvidence(wave(device.wave()));
  row_.set_cusum(CusumAfter(row_.cusum(), Outcome::kQuality, Outcome::kNeutral, sprt_));
  turn.changes.NoteDevice(*this, device.device_id());
}

void RolloutRun::MoveToCatchUp(v1::RolloutDevice& device, const Turn& turn) {
  index_.Remove(device);
  device.set_catch_up(true);
  index_.Add(device);
  turn.changes.NoteDevice(*this, device.device_id());
}

void RolloutRun::RetryAt(v1::RolloutDevice& device, std::optional<Time> when, const Turn& turn) {
  index_.Remove(device);
  device.clear_retry_at();
  if (when.has_value()) {
    *device.mutable_retry_at() = ToWire(*when);
  }
  index_.Add(device);
  turn.changes.NoteDevice(*this, device.device_id());
}

CandidateIndex& RolloutRun::Candidates(const FleetView& fleet) {
  if (!candidates_.filled()) {
    candidates_.Fill(
        fleet, selector_,
        [this](const std::string& device_id) { return index_.OrderOf(device_id); },
        [this](const std::string& device_id) { return FindDevice(device_id) != nullptr; });
  }
  return candidates_;
}

bool RolloutRun::NoteCandidate(const v1::Device& device) {
  if (IsFinal() || IsReturning()) {
    candidates_.Clear();
    return false;
  }
  const bool fits = IsServed(device) && FindDevice(device.id()) == nullptr &&
                    (selector_.matches_all() || selector_.Matches(device));
  if (candidates_.filled()) {
    if (fits) {
      candidates_.Add(index_.OrderOf(device.id()), device.id());
    } else {
      candidates_.Remove(index_.OrderOf(device.id()), device.id());
    }
  }
  return fits && IsReachable(&device);
}

std::uint32_t RolloutRun::CountMatching(const FleetView& fleet) {
  return static_cast<std::uint32_t>(Candidates(fleet).size() + devices().size());
}

void RolloutRun::Explain(const std::string& why, const Turn& turn) {
  if (row_.why() != why) {
    row_.set_why(why);
    turn.changes.NoteRollout(*this);
  }
}

void RolloutRun::CountMove(v1::Wave& wave, v1::DeploymentState from, v1::DeploymentState to) {
  auto& counts = *wave.mutable_counts();
  if (--counts[from] == 0) {
    counts.erase(from);
  }
  ++counts[to];
}

void RolloutRun::Excuse(v1::RolloutDevice& device, v1::DeploymentState from, const Turn& turn) {
  const bool failed_before = OutcomeOf(from) == Outcome::kQuality;
  const bool fails = OutcomeOf(device.state()) == Outcome::kQuality;
  if (failed_before && !fails) {
    bursts_.Forget(device.device_id());
    SetExcused(device, /*excused=*/false);
  }
  if (failed_before || !fails) {
    return;
  }
  const auto sites = static_cast<std::uint32_t>(sites_tried_.size());
  const auto counts = bursts_.Note(device.device_id(), device.site(), sites, turn.now);
  SetExcused(device, counts == SiteBursts::Counts::kWithAnother);
  for (const std::string& released : bursts_.TakeReleased()) {
    v1::RolloutDevice& other = *FindDevice(released);
    SetExcused(other, /*excused=*/false);
    RefreshEvidence(wave(other.wave()));
    row_.set_cusum(CusumAfter(row_.cusum(), Outcome::kNeutral, Outcome::kQuality, sprt_));
    turn.changes.NoteDevice(*this, released);
  }
}

void RolloutRun::SetExcused(v1::RolloutDevice& device, bool excused) {
  if (device.excused() == excused) {
    return;
  }
  device.set_excused(excused);
  v1::Wave& of = wave(device.wave());
  of.set_excused(excused ? of.excused() + 1 : of.excused() - 1);
}

void RolloutRun::RefreshEvidence(v1::Wave& wave) const {
  const WaveEvidence evidence = EvidenceOf(wave);
  wave.set_quality_failures(evidence.quality_failures);
  wave.set_delivery_failures(evidence.delivery_failures);
  wave.set_llr(sprt_.Llr(evidence.counted_failures, evidence.succeeded));
}

void RolloutRun::NoteAttempt(const v1::RolloutDevice& device) {
  if (device.has_accepted_at() && !device.site().empty()) {
    sites_tried_.insert(device.site());
  }
}

}  // namespace flotilla::rollout
