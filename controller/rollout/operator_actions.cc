#include "controller/rollout/operator_actions.h"

#include "controller/rollout/hold.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {

Status NotAllowed(const RolloutRun& run, const std::string& what) {
  return FailedPrecondition("rollout " + run.id() + " is " +
                            v1::RolloutState_Name(run.row().state()) + ": it cannot be " + what);
}

Status PauseBy(RolloutRun& run, v1::HoldMode hold, const std::string& by, const Turn& turn) {
  if (!run.IsActive()) {
    return NotAllowed(run, "paused");
  }
  const v1::HoldMode wanted = hold == v1::HOLD_MODE_UNSPECIFIED ? v1::HOLD_MODE_DRAIN : hold;
  const bool paused = run.Is(v1::ROLLOUT_STATE_PAUSED);
  if (paused && run.row().hold() == wanted) {
    return OkStatus();
  }
  const std::string how = wanted == v1::HOLD_MODE_FREEZE ? " (freeze)" : " (drain)";
  // A rollout that is paused for another reason keeps that reason: only its hold changes.
  const v1::PauseReason reason = paused ? run.row().pause_reason() : v1::PAUSE_REASON_OPERATOR;
  Pause(run, reason, wanted, "paused by " + by + how, turn);
  return OkStatus();
}

Status ResumeBy(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (run.Is(v1::ROLLOUT_STATE_RUNNING)) {
    return OkStatus();
  }
  if (!run.Is(v1::ROLLOUT_STATE_PAUSED)) {
    return NotAllowed(run, "resumed");
  }
  const v1::Wave& wave = run.current_wave();
  if (wave.state() == v1::WAVE_STATE_FAILED) {
    return FailedPrecondition("wave " + wave.spec().name() +
                              " failed its judgement: abort the rollout or roll it back");
  }
  if (wave.state() == v1::WAVE_STATE_GATED) {
    return FailedPrecondition("wave " + wave.spec().name() +
                              " waits at a manual gate: promote opens it");
  }
  GoOn(run, "resumed by " + by, turn);
  return OkStatus();
}

Status AbortBy(RolloutRun& run, const std::string& by, const Turn& turn) {
  switch (run.row().state()) {
    case v1::ROLLOUT_STATE_ABORTING:
    case v1::ROLLOUT_STATE_ABORTED:
    case v1::ROLLOUT_STATE_CANCELLED:
      return OkStatus();
    case v1::ROLLOUT_STATE_RUNNING:
    case v1::ROLLOUT_STATE_PAUSED:
      BeginAbort(run, "aborted by " + by, turn);
      return OkStatus();
    case v1::ROLLOUT_STATE_DRAFT:
    case v1::ROLLOUT_STATE_AWAITING_APPROVAL:
    case v1::ROLLOUT_STATE_SCHEDULED: {
      v1::Rollout& row = run.mutable_row();
      row.set_state(v1::ROLLOUT_STATE_CANCELLED);
      row.set_why("cancelled by " + by + " before it was started");
      *row.mutable_finished_at() = ToWire(turn.now);
      turn.changes.NoteRollout(run);
      return OkStatus();
    }
    default:
      return NotAllowed(run, "aborted");
  }
}

}  // namespace flotilla::rollout
