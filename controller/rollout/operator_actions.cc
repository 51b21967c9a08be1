#include "controller/rollout/operator_actions.h"

#include "controller/rollout/hold.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/retry.h"
#include "controller/rollout/stratum_hold.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/window_words.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr Duration kLeastExtension = absl::Seconds(1);
constexpr Duration kMostExtension = absl::Hours(30 * 24);

std::string NameOfWave(const RolloutRun& run) {
  return "wave " + run.current_wave().spec().name();
}

Status FailedWave(const RolloutRun& run) {
  return FailedPrecondition(NameOfWave(run) +
                            " failed its judgement: abort the rollout or roll it back");
}

// How many try again.
std::uint32_t TryFailedDeliveries(RolloutRun& run, const Turn& turn) {
  std::uint32_t tried = 0;
  for (const auto& [device_id, row] : run.devices()) {
    if (OutcomeOf(row.state()) != Outcome::kDelivery) {
      continue;
    }
    TryAgain(run, *run.FindDevice(device_id), turn);
    ++tried;
  }
  return tried;
}

}  // namespace

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
  if (paused && run.row().hold() == wanted && !IsRulePause(run.row().pause_reason())) {
    return OkStatus();
  }
  const std::string how = wanted == v1::HOLD_MODE_FREEZE ? " (freeze)" : " (drain)";
  // A rollout that is paused for another reason keeps that reason: only its hold changes.
  // One that a freeze or a window holds would go on by itself.
  const bool keeps = paused && !IsRulePause(run.row().pause_reason());
  const v1::PauseReason reason = keeps ? run.row().pause_reason() : v1::PAUSE_REASON_OPERATOR;
  Pause(run, reason, wanted, "paused by " + by + how, turn);
  return OkStatus();
}

Status ResumeBy(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (run.Is(v1::ROLLOUT_STATE_RUNNING)) {
    if (ReleaseStrata(run, turn)) {
      run.Explain("held devices go on: resumed by " + by, turn);
    }
    return OkStatus();
  }
  if (!run.Is(v1::ROLLOUT_STATE_PAUSED)) {
    return NotAllowed(run, "resumed");
  }
  const v1::Wave& wave = run.current_wave();
  if (wave.state() == v1::WAVE_STATE_FAILED) {
    return FailedWave(run);
  }
  if (wave.state() == v1::WAVE_STATE_GATED) {
    return FailedPrecondition("wave " + wave.spec().name() +
                              " waits at a manual gate: promote opens it");
  }
  if (run.row().pause_reason() == v1::PAUSE_REASON_FREEZE) {
    return FailedPrecondition("freeze " + run.row().frozen_by() + " holds rollout " + run.id() +
                              ": it goes on when the freeze ends or is deleted");
  }
  if (run.row().pause_reason() == v1::PAUSE_REASON_OUT_OF_WINDOW) {
    return FailedPrecondition("rollout " + run.id() + " is out of its windows: its " +
                              NextOpeningWords(run) + "; rollout set changes them");
  }
  (void)ReleaseStrata(run, turn);
  GoOn(run, "resumed by " + by, turn);
  return OkStatus();
}

Status ExtendBy(RolloutRun& run, Duration longer, const std::string& by, const Turn& turn) {
  if (longer < kLeastExtension || longer > kMostExtension) {
    return InvalidArgument("extend_by: must lie between 1 second and 30 days");
  }
  if (!run.IsActive()) {
    return NotAllowed(run, "extended");
  }
  v1::Wave& wave = run.current_wave();
  if (wave.state() == v1::WAVE_STATE_FAILED) {
    return FailedWave(run);
  }
  const std::string why =
      NameOfWave(run) + " soaks " + DurationText(longer) + " longer: extended by " + by;
  if (wave.state() == v1::WAVE_STATE_INCONCLUSIVE) {
    if (run.HasOpen(Lane::kQuorum)) {
      return FailedPrecondition(NameOfWave(run) + " still has open devices");
    }
    *wave.mutable_soak_ends_at() = ToWire(turn.now + longer);
    GoOn(run, why, turn);
  } else if (wave.has_soak_ends_at()) {
    *wave.mutable_soak_ends_at() = ToWire(FromWire(wave.soak_ends_at()) + longer);
  } else {
    *wave.mutable_spec()->mutable_soak() = ToWire(FromWire(wave.spec().soak()) + longer);
  }
  run.mutable_row().set_revision(run.row().revision() + 1);
  run.mutable_row().set_why(why);
  turn.changes.NoteRollout(run);
  return OkStatus();
}

Status RetryBy(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (!run.IsActive() && !run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    return NotAllowed(run, "retried");
  }
  if (run.current_wave().state() == v1::WAVE_STATE_FAILED) {
    return FailedWave(run);
  }
  const std::uint32_t tried = TryFailedDeliveries(run, turn);
  if (tried == 0) {
    return FailedPrecondition("no delivery of rollout " + run.id() + " has failed");
  }
  const std::string why = std::to_string(tried) + " devices try again: retried by " + by;
  const v1::PauseReason pause = run.row().pause_reason();
  if (run.Is(v1::ROLLOUT_STATE_PAUSED) &&
      (pause == v1::PAUSE_REASON_SOURCE_UNAVAILABLE || pause == v1::PAUSE_REASON_INCONCLUSIVE)) {
    GoOn(run, why, turn);
  } else {
    run.Explain(why, turn);
  }
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
