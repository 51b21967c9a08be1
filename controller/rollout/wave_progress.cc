#include "controller/rollout/wave_progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/rollout/hold.h"
#include "controller/rollout/judge.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/wave_dispatch.h"
#include "controller/rollout/wave_guard.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/window_words.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kMaxExtend = 4;
constexpr Duration kLeastExtension = absl::Seconds(1);
// How long a wave with devices that a window or a freeze holds goes on beyond its deadline at a
// time.
constexpr Duration kHeldStep = absl::Hours(1);

// Whether Advance has more to do at this moment.
enum class Next { kAgain, kWait };

std::string NameOfWave(const RolloutRun& run) {
  return "wave " + run.current_wave().spec().name();
}

void PauseOutOfWindow(RolloutRun& run, const Turn& turn) {
  Pause(
      run, v1::PAUSE_REASON_OUT_OF_WINDOW, v1::HOLD_MODE_DRAIN,
      absl::StrCat("paused: ", NameOfWave(run), " waits for a window: its ", NextOpeningWords(run)),
      turn);
}

Next Open(RolloutRun& run, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  if (wave.state() == v1::WAVE_STATE_PENDING && wave.spec().gate() == v1::GATE_MANUAL &&
      !wave.gate_opened()) {
    wave.set_state(v1::WAVE_STATE_GATED);
    Pause(run, v1::PAUSE_REASON_GATE, v1::HOLD_MODE_DRAIN,
          "paused: " + NameOfWave(run) + " has a manual gate and waits for a promotion; " +
              run.row().why(),
          turn);
    return Next::kWait;
  }
  if (NobodyMayBeOffered(run)) {
    PauseOutOfWindow(run, turn);
    return Next::kWait;
  }
  if (DispatchWave(run, turn) == Dispatched::kNoReachableDevice) {
    run.Explain(NameOfWave(run) + " waits: no device that it may take can be reached", turn);
    return Next::kWait;
  }
  run.Explain(NameOfWave(run) + " was dispatched to " +
                  std::to_string(run.current_wave().members()) + " devices",
              turn);
  return Next::kAgain;
}

Next StartSoak(RolloutRun& run, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  wave.set_state(v1::WAVE_STATE_SOAKING);
  const Duration soak = FromWire(wave.spec().soak());
  *wave.mutable_soak_ends_at() = ToWire(turn.now + soak);
  run.Explain(NameOfWave(run) + " soaks for " + DurationText(soak) + ": " + WaveSummary(wave),
              turn);
  BeginGuard(run, turn);
  turn.changes.NoteRollout(run);
  return Next::kAgain;
}

Next Deliver(RolloutRun& run, const Turn& turn) {
  OfferPending(run, Lane::kQuorum, turn);
  SetOfflineApart(run, turn);
  if (!run.Is(v1::ROLLOUT_STATE_RUNNING)) {
    return Next::kWait;  // Too many of those that were next are pinned.
  }
  if (!run.HasOpen(Lane::kQuorum)) {
    return StartSoak(run, turn);
  }
  if (NobodyMayBeOffered(run) && WaitsToBeOffered(run)) {
    PauseOutOfWindow(run, turn);
    return Next::kWait;
  }
  v1::Wave& wave = run.current_wave();
  const Duration held = FromWire(wave.held_for());
  if (turn.now < FromWire(wave.dispatched_at()) + DeadlinesOf(run.spec()).wave + held) {
    return Next::kWait;
  }
  if (AnyHeldByRules(run, turn)) {
    *wave.mutable_held_for() = ToWire(held + kHeldStep);
    turn.changes.NoteRollout(run);
  } else {
    wave.set_state(v1::WAVE_STATE_INCONCLUSIVE);
    Pause(run, v1::PAUSE_REASON_INCONCLUSIVE, v1::HOLD_MODE_DRAIN,
          "paused: " + NameOfWave(run) + " is past its deadline: " + WaveSummary(wave), turn);
  }
  return Next::kWait;
}

Next Pass(RolloutRun& run, const std::string& evidence, const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  run.current_wave().set_state(v1::WAVE_STATE_PASSED);
  const std::string passed = NameOfWave(run) + " passed: " + evidence;
  turn.changes.NoteRollout(run);
  if (!run.IsLastWave(row.current_wave())) {
    row.set_current_wave(row.current_wave() + 1);
    run.Explain(passed, turn);
    return Next::kAgain;
  }
  row.set_state(v1::ROLLOUT_STATE_COMPLETED);
  *row.mutable_finished_at() = ToWire(turn.now);
  run.Explain("completed: " + passed, turn);
  return Next::kWait;
}

Next SoakAgain(RolloutRun& run, const std::string& which, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  wave.set_state(v1::WAVE_STATE_SOAKING);
  const Duration soak = std::max(FromWire(wave.spec().soak()), kLeastExtension);
  *wave.mutable_soak_ends_at() = ToWire(turn.now + soak);
  run.Explain(absl::StrCat(NameOfWave(run), " is not decided and soaks again", which), turn);
  return Next::kWait;
}

// Takes more devices; with nobody left, all waves together may decide; else soaks again. The
// small-wave rule asks for every device: neither more of them nor waiting changes its answer.
Next StayInconclusive(RolloutRun& run, const std::string& evidence, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  const std::uint32_t asked = run.spec().strategy().judge().max_extend();
  const std::uint32_t max_extend = asked > 0 ? asked : kMaxExtend;
  if (!wave.small() && wave.extensions() < max_extend) {
    const std::uint32_t widened = WidenWave(run, turn);
    const Judgement whole = JudgeWhole(run);
    if (widened == 0 && whole.verdict == Verdict::kPass) {
      return Pass(run, absl::StrCat(evidence, "; nobody is left to take, and ", whole.evidence),
                  turn);
    }
    wave.set_extensions(wave.extensions() + 1);
    const std::string which =
        absl::StrCat(" (", wave.extensions(), " of ", max_extend, "): ", evidence);
    if (widened == 0) {
      return SoakAgain(run, which, turn);
    }
    run.Explain(absl::StrCat(NameOfWave(run), " is not decided and takes ", widened,
                             " more devices", which),
                turn);
    return Next::kAgain;
  }
  wave.set_state(v1::WAVE_STATE_INCONCLUSIVE);
  Pause(run, v1::PAUSE_REASON_INCONCLUSIVE, v1::HOLD_MODE_DRAIN,
        "paused: " + NameOfWave(run) + " is not decided: " + evidence, turn);
  return Next::kWait;
}

Next Soak(RolloutRun& run, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  OfferPending(run, Lane::kQuorum, turn);
  SetOfflineApart(run, turn);
  if (!run.Is(v1::ROLLOUT_STATE_RUNNING) || run.HasOpen(Lane::kQuorum) ||
      turn.now < FromWire(wave.soak_ends_at())) {
    return Next::kWait;
  }
  if (wave.small() && !run.index().retries().empty()) {
    return Next::kWait;  // The small-wave rule asks for every device, and some try again.
  }
  if (AskGuard(run, turn) == GuardSays::kWait) {
    return Next::kWait;
  }
  wave.set_state(v1::WAVE_STATE_JUDGING);
  const Judgement judgement = JudgeWave(run, wave);
  if (judgement.verdict == Verdict::kPass) {
    return Pass(run, judgement.evidence, turn);
  }
  turn.changes.NoteRollout(run);
  return StayInconclusive(run, judgement.evidence, turn);
}

Next Step(RolloutRun& run, const Turn& turn) {
  switch (run.current_wave().state()) {
    case v1::WAVE_STATE_DISPATCHING:
      return run.current_wave().has_dispatched_at() ? Deliver(run, turn) : Open(run, turn);
    case v1::WAVE_STATE_SOAKING:
    case v1::WAVE_STATE_JUDGING:
      return Soak(run, turn);
    default:
      return Open(run, turn);
  }
}

}  // namespace

void Advance(RolloutRun& run, const Turn& turn) {
  FollowRules(run, turn);
  while (run.Is(v1::ROLLOUT_STATE_RUNNING) && Step(run, turn) == Next::kAgain) {
  }
  if (run.Is(v1::ROLLOUT_STATE_RUNNING) || run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    OfferPending(run, Lane::kCatchUp, turn);
  }
}

Status Promote(RolloutRun& run, const std::string& by, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  const std::string promoted = NameOfWave(run) + " was promoted by " + by;
  switch (wave.state()) {
    case v1::WAVE_STATE_GATED:
      wave.set_gate_opened(true);
      GoOn(run, promoted, turn);
      // Past its gate, before its members are known.
      run.current_wave().set_state(v1::WAVE_STATE_DISPATCHING);
      break;
    case v1::WAVE_STATE_INCONCLUSIVE:
      if (run.HasOpen(Lane::kQuorum)) {
        return FailedPrecondition(NameOfWave(run) + " still has open devices");
      }
      run.mutable_row().set_state(v1::ROLLOUT_STATE_RUNNING);
      run.mutable_row().clear_pause_reason();
      run.mutable_row().clear_hold();
      run.mutable_row().clear_paused_at();
      Pass(run, "accepted by " + by + " as it is: " + WaveSummary(wave), turn);
      break;
    case v1::WAVE_STATE_SOAKING:
      *wave.mutable_soak_ends_at() = ToWire(turn.now);
      run.Explain(promoted + " before its soak was over", turn);
      WaiveGuard(run, by, turn);
      break;
    default:
      return FailedPrecondition(NameOfWave(run) + " is " + v1::WaveState_Name(wave.state()) +
                                ": there is nothing to promote");
  }
  turn.changes.NoteRollout(run);
  Advance(run, turn);
  return OkStatus();
}

}  // namespace flotilla::rollout
