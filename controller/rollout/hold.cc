#include "controller/rollout/hold.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/rollout/evidence.h"
#include "controller/rollout/judge.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/retry.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kFewDeliveryFailures = 3;
constexpr Duration kSourceRetry = absl::Minutes(5);

void TouchInFlight(const RolloutRun& run, const Turn& turn) {
  for (const Lane lane : {Lane::kQuorum, Lane::kCatchUp}) {
    for (const auto& [order, device_id] : run.index().busy(lane)) {
      turn.changes.NoteTouched(device_id);
    }
  }
}

// The time on hold does not count against a device.
void RestartDeadlines(RolloutRun& run, const Turn& turn) {
  const bool network = run.row().pause_reason() == v1::PAUSE_REASON_FLEET_CONNECTIVITY;
  for (const Lane lane : {Lane::kQuorum, Lane::kCatchUp}) {
    for (const auto& [order, device_id] : run.index().busy(lane)) {
      v1::RolloutDevice& device = *run.FindDevice(device_id);
      const bool held = network || device.state() < v1::DEPLOYMENT_STATE_ACTIVATING;
      if (device.has_accepted_at() && held) {
        *device.mutable_accepted_at() = ToWire(turn.now);
        *device.mutable_changed_at() = ToWire(turn.now);
        turn.changes.NoteDevice(run, device_id);
      }
    }
  }
}

// Neither does the time that a freeze or a window took count against the wave.
void NoteHeldFor(RolloutRun& run, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  if (!IsRulePause(run.row().pause_reason()) || !wave.has_dispatched_at()) {
    return;
  }
  const Time since = std::max(FromWire(run.row().paused_at()), FromWire(wave.dispatched_at()));
  *wave.mutable_held_for() = ToWire(FromWire(wave.held_for()) + (turn.now - since));
}

void RestoreWave(RolloutRun& run) {
  v1::Wave& wave = run.current_wave();
  if (!wave.has_dispatched_at()) {
    wave.set_state(v1::WAVE_STATE_PENDING);
    return;
  }
  if (run.HasOpen(Lane::kQuorum)) {
    wave.clear_soak_ends_at();
  }
  wave.set_state(wave.has_soak_ends_at() ? v1::WAVE_STATE_SOAKING : v1::WAVE_STATE_DISPATCHING);
}

bool SourceLooksDown(const WaveEvidence& evidence, std::uint32_t members) {
  if (evidence.delivery_failures > std::max(kFewDeliveryFailures, members / 10)) {
    return true;
  }
  return evidence.open == 0 && evidence.succeeded == 0 && evidence.delivery_failures > 0;
}

}  // namespace

void Pause(RolloutRun& run, v1::PauseReason reason, v1::HoldMode hold, const std::string& why,
           const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  row.set_state(v1::ROLLOUT_STATE_PAUSED);
  row.set_pause_reason(reason);
  row.set_hold(hold == v1::HOLD_MODE_UNSPECIFIED ? v1::HOLD_MODE_DRAIN : hold);
  *row.mutable_paused_at() = ToWire(turn.now);
  v1::Wave& wave = run.current_wave();
  const bool keeps_state = wave.state() == v1::WAVE_STATE_GATED ||
                           wave.state() == v1::WAVE_STATE_INCONCLUSIVE ||
                           wave.state() == v1::WAVE_STATE_FAILED;
  if (!keeps_state) {
    wave.set_state(v1::WAVE_STATE_HELD);
  }
  row.set_why(why);
  turn.changes.NoteRollout(run);
  TouchInFlight(run, turn);
}

void GoOn(RolloutRun& run, const std::string& why, const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  RestartDeadlines(run, turn);
  NoteHeldFor(run, turn);
  TouchInFlight(run, turn);
  if (row.pause_reason() == v1::PAUSE_REASON_SOURCE_UNAVAILABLE) {
    RetryFailed(run, turn);
  }
  RetryAll(run, turn);
  run.index().WakeAll();
  row.set_state(v1::ROLLOUT_STATE_RUNNING);
  row.clear_pause_reason();
  row.clear_hold();
  row.clear_paused_at();
  row.clear_frozen_by();
  RestoreWave(run);
  row.set_why(why);
  turn.changes.NoteRollout(run);
}

void ReconsiderHeld(RolloutRun& run, const Turn& turn) {
  RestartDeadlines(run, turn);
  run.index().WakeAll();
  TouchInFlight(run, turn);
}

void FollowRules(RolloutRun& run, const Turn& turn) {
  if (!run.IsActive()) {
    // The catch-up lane of a completed one obeys its windows too.
    if (run.Is(v1::ROLLOUT_STATE_COMPLETED) && run.HasOpen(Lane::kCatchUp)) {
      UpdateWindows(run, turn);
    }
    return;
  }
  UpdateWindows(run, turn);
  const bool paused = run.Is(v1::ROLLOUT_STATE_PAUSED);
  const v1::PauseReason reason = run.row().pause_reason();
  const v1::Freeze* freeze = turn.policies.Covering(run.spec().selector());
  if (paused && reason == v1::PAUSE_REASON_OUT_OF_WINDOW && !NobodyMayBeOffered(run)) {
    GoOn(run, "resumed by itself: a window has opened", turn);
  } else if (paused && reason == v1::PAUSE_REASON_FREEZE && freeze == nullptr) {
    GoOn(run, absl::StrCat("resumed by itself: freeze ", run.row().frozen_by(), " is over"), turn);
  }
  if (run.Is(v1::ROLLOUT_STATE_RUNNING) && freeze != nullptr) {
    run.mutable_row().set_frozen_by(freeze->name());
    Pause(run, v1::PAUSE_REASON_FREEZE, v1::HOLD_MODE_DRAIN,
          absl::StrCat("paused by freeze ", freeze->name(), " until ",
                       UtcText(FromWire(freeze->until())), freeze->reason().empty() ? "" : ": ",
                       freeze->reason()),
          turn);
  }
}

bool IsRulePause(v1::PauseReason reason) {
  return reason == v1::PAUSE_REASON_OUT_OF_WINDOW || reason == v1::PAUSE_REASON_FREEZE;
}

void PauseAtOutcome(RolloutRun& run, const v1::RolloutDevice& device, const Turn& turn) {
  if (!run.Is(v1::ROLLOUT_STATE_RUNNING)) {
    return;
  }
  const v1::Wave& wave = run.wave(device.wave());
  const WaveEvidence evidence = EvidenceOf(wave);
  const std::string who = device.device_id() + " answered " + NameOf(device.state()) + ", " +
                          NameOf(device.reason()) + "; wave " + wave.spec().name() + ": " +
                          WaveSummary(wave);
  switch (OutcomeOf(device.state())) {
    case Outcome::kSecurity:
      Pause(run, v1::PAUSE_REASON_SECURITY, v1::HOLD_MODE_FREEZE,
            "paused: a device refused the release for trust: " + who, turn);
      return;
    case Outcome::kTargeting:
      if (evidence.targeting * 10 > wave.members()) {
        Pause(run, v1::PAUSE_REASON_TARGETING_ERROR, v1::HOLD_MODE_DRAIN,
              "paused: more than 10 % of a wave do not fit the release: " + who, turn);
      }
      return;
    case Outcome::kDelivery:
      if (SourceLooksDown(evidence, wave.members())) {
        Pause(run, v1::PAUSE_REASON_SOURCE_UNAVAILABLE, v1::HOLD_MODE_DRAIN,
              "paused: the release does not arrive: " + who, turn);
      }
      return;
    default:
      return;
  }
}

void ResumeBySelf(RolloutRun& run, const Turn& turn) {
  const v1::Rollout& row = run.row();
  if (!run.Is(v1::ROLLOUT_STATE_PAUSED) ||
      row.pause_reason() != v1::PAUSE_REASON_SOURCE_UNAVAILABLE ||
      turn.now < FromWire(row.paused_at()) + kSourceRetry) {
    return;
  }
  if (EvidenceOf(run.current_wave()).delivery_failures > 0) {
    GoOn(run, "resumed by itself: deliveries that failed are tried again", turn);
  }
}

}  // namespace flotilla::rollout
