#include "controller/rollout/wave_guard.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "controller/rollout/guard_arms.h"
#include "controller/rollout/guard_spec.h"
#include "controller/rollout/guard_words.h"
#include "controller/rollout/hold.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

// How long tasks are tried to be agreed on with the helper.
constexpr Duration kAskFor = absl::Hours(1);
constexpr Duration kAskForDemo = absl::Minutes(1);

bool IsOpen(const v1::WaveGuard& guard) {
  return guard.stage() == v1::GUARD_STAGE_ASKING || guard.stage() == v1::GUARD_STAGE_COLLECTING;
}

// A completed rollout may have informative gates left.
bool IsWatched(const RolloutRun& run) {
  return run.IsActive() || run.Is(v1::ROLLOUT_STATE_COMPLETED);
}

v1::PauseReason PauseOf(const v1::WaveGuard& guard) {
  if (guard.shadow() || guard.has_paused_at()) {
    return v1::PAUSE_REASON_UNSPECIFIED;
  }
  if (guard.stage() == v1::GUARD_STAGE_FAILED) {
    return v1::PAUSE_REASON_GATE;
  }
  const bool silent =
      guard.stage() == v1::GUARD_STAGE_HELD && guard.reason() == v1::GUARD_REASON_CANARY_SILENT;
  return silent ? v1::PAUSE_REASON_SILENT_DEVICES : v1::PAUSE_REASON_UNSPECIFIED;
}

// A verdict acts on the wave that waits for it. A rollout that is paused for something else is
// paused for the gate when it goes on.
void PauseIfAsked(RolloutRun& run, std::uint32_t wave, const Turn& turn) {
  v1::WaveGuard& guard = *run.wave(wave).mutable_guard();
  const v1::PauseReason reason = PauseOf(guard);
  if (reason == v1::PAUSE_REASON_UNSPECIFIED || wave != run.row().current_wave() ||
      !run.Is(v1::ROLLOUT_STATE_RUNNING)) {
    return;
  }
  *guard.mutable_paused_at() = ToWire(turn.now);
  Pause(run, reason, v1::HOLD_MODE_DRAIN,
        absl::StrCat("paused by the private gate of wave ", run.wave(wave).spec().name(), ": ",
                     guard.why(), "; resume lets the wave go on, abort takes the release back"),
        turn);
}

void Decide(RolloutRun& run, std::uint32_t wave, v1::GuardStage stage, v1::GuardReason reason,
            const std::string& evidence, const Turn& turn) {
  v1::WaveGuard& guard = *run.wave(wave).mutable_guard();
  guard.set_stage(stage);
  guard.set_reason(reason);
  *guard.mutable_decided_at() = ToWire(turn.now);
  guard.set_why(DecidedText(guard, evidence));
  turn.changes.NoteRollout(run);
  PauseIfAsked(run, wave, turn);
}

void NoteWhy(RolloutRun& run, v1::WaveGuard& guard, const std::string& why, const Turn& turn) {
  if (guard.why() != why) {
    guard.set_why(why);
    turn.changes.NoteRollout(run);
  }
}

void NoteTasks(RolloutRun& run, v1::WaveGuard& guard, const GuardStatus& status, const Turn& turn) {
  const v1::WaveGuard before = guard;
  guard.set_trouble(status.trouble);
  // What was agreed on stays, whatever is told later.
  if (!status.canary_task.empty()) {
    guard.set_canary_task(status.canary_task);
  }
  if (!status.control_task.empty()) {
    guard.set_control_task(status.control_task);
  }
  if (guard.stage() == v1::GUARD_STAGE_ASKING && status.until.has_value()) {
    guard.set_stage(v1::GUARD_STAGE_COLLECTING);
    *guard.mutable_until() = ToWire(*status.until);
  }
  const bool news = guard.canary_task() != before.canary_task() ||
                    guard.control_task() != before.control_task() ||
                    guard.stage() != before.stage() || guard.trouble() != before.trouble();
  if (news) {
    turn.changes.NoteRollout(run);
  }
  NoteWhy(run, guard, OpenText(guard), turn);
}

// With the devices that were connected when they were to report; a report proves that one was.
std::vector<HealthLook> LooksOf(const RolloutRun& run, std::uint32_t wave,
                                const std::vector<GuardLook>& collected, const FleetView& fleet) {
  std::vector<HealthLook> looks;
  for (const GuardLook& one : collected) {
    const GateArms connected = ConnectedArms(run, wave, one.ends, fleet);
    looks.push_back(
        {{std::max(connected.canary, one.canary.reports), one.canary.reports, one.canary.counts},
         {std::max(connected.control, one.control.reports), one.control.reports,
          one.control.counts}});
  }
  return looks;
}

void Judge(RolloutRun& run, std::uint32_t wave, const GuardStatus& status, const Turn& turn) {
  v1::WaveGuard& guard = *run.wave(wave).mutable_guard();
  const HealthGatePolicy policy = PolicyOf(*GuardOf(run.spec()));
  guard.set_looks_taken(static_cast<std::uint32_t>(status.looks.size()));
  const StatusOr<HealthJudgement> judged =
      JudgeHealthGate(policy, LooksOf(run, wave, status.looks, turn.fleet));
  if (!judged.ok()) {
    Decide(run, wave, v1::GUARD_STAGE_HELD, v1::GUARD_REASON_NOT_COLLECTED,
           std::string(MessageOf(judged.status())), turn);
    return;
  }
  guard.set_increase(judged->increase);
  guard.set_interval_95(judged->interval_95);
  HealthReason reason = judged->reason;
  if (reason == HealthReason::kLookAgain) {
    if (status.rest == GuardStatus::Rest::kOpen) {
      guard.set_reason(v1::GUARD_REASON_LOOK_AGAIN);
      NoteWhy(run, guard, LookAgainText(guard, judged->evidence), turn);
      turn.changes.NoteRollout(run);
      return;
    }
    reason = HealthReason::kUndecided;  // the other look is lost
  }
  const v1::GuardStage stage = judged->verdict == HealthVerdict::kPass   ? v1::GUARD_STAGE_PASSED
                               : judged->verdict == HealthVerdict::kFail ? v1::GUARD_STAGE_FAILED
                                                                         : v1::GUARD_STAGE_HELD;
  Decide(run, wave, stage, ReasonOf(reason), judged->evidence, turn);
}

void EndWithout(RolloutRun& run, std::uint32_t wave, const Turn& turn) {
  const v1::WaveGuard& guard = run.wave(wave).guard();
  v1::GuardReason reason = v1::GUARD_REASON_NOT_COLLECTED;
  if (guard.stage() == v1::GUARD_STAGE_ASKING) {
    reason = v1::GUARD_REASON_NOT_ASKED;
  } else if (guard.looks_taken() > 0) {
    reason = v1::GUARD_REASON_UNDECIDED;
  }
  Decide(run, wave, v1::GUARD_STAGE_HELD, reason, guard.trouble(), turn);
}

void SetPlan(RolloutRun& run, std::uint32_t wave, v1::GuardStage stage, const GatePlan& plan,
             const Turn& turn) {
  const v1::HealthGuard& spec = *GuardOf(run.spec());
  v1::WaveGuard& guard = *run.wave(wave).mutable_guard();
  guard.set_stage(stage);
  guard.set_shadow(spec.shadow());
  guard.set_looks(PolicyOf(spec).noise.looks);
  guard.set_plan(plan.sentence);
  guard.set_why(stage == v1::GUARD_STAGE_FORECAST ? ForecastText(guard) : OpenText(guard));
  turn.changes.NoteRollout(run);
}

GatePlan PlanOf(const RolloutRun& run, const HealthGatePolicy& policy, const GateArms& arms) {
  if (!run.row().has_baseline()) {
    return {GateUse::kSmokeOnly, {}, "smoke only: the line has no release to compare with"};
  }
  return PlanGate(policy, arms);
}

}  // namespace

void ForecastGuards(RolloutRun& run, const Turn& turn) {
  const v1::HealthGuard* spec = GuardOf(run.spec());
  if (spec == nullptr) {
    return;
  }
  const HealthGatePolicy policy = PolicyOf(*spec);
  for (std::uint32_t wave = 0; wave < static_cast<std::uint32_t>(run.row().waves_size()); ++wave) {
    if (run.wave(wave).guard().stage() <= v1::GUARD_STAGE_FORECAST) {
      const GateArms arms = ForecastArms(run, wave, policy, turn.fleet);
      SetPlan(run, wave, v1::GUARD_STAGE_FORECAST, PlanOf(run, policy, arms), turn);
    }
  }
}

void BeginGuard(RolloutRun& run, const Turn& turn) {
  const v1::HealthGuard* spec = GuardOf(run.spec());
  const std::uint32_t wave = run.row().current_wave();
  if (spec == nullptr || run.wave(wave).guard().stage() > v1::GUARD_STAGE_FORECAST) {
    return;
  }
  const HealthGatePolicy policy = PolicyOf(*spec);
  const DrawnArms arms = DrawArms(run, wave, policy, turn.fleet);
  const GatePlan plan = PlanOf(run, policy, {arms.canary.devices, arms.control.devices});
  v1::WaveGuard& guard = *run.wave(wave).mutable_guard();
  if (plan.use == GateUse::kSmokeOnly) {
    guard.set_reason(v1::GUARD_REASON_SMOKE_ONLY);
    SetPlan(run, wave, v1::GUARD_STAGE_SMOKE_ONLY, plan, turn);
    return;
  }
  guard.set_canary_devices(static_cast<std::uint32_t>(arms.canary.devices));
  guard.set_control_devices(static_cast<std::uint32_t>(arms.control.devices));
  guard.set_canary_limit(arms.canary.limit);
  guard.set_control_limit(arms.control.limit);
  *guard.mutable_until() = ToWire(turn.now + (spec->has_demo_window() ? kAskForDemo : kAskFor));
  SetPlan(run, wave, v1::GUARD_STAGE_ASKING, plan, turn);
}

GuardSays AskGuard(RolloutRun& run, const Turn& turn) {
  const v1::Wave& wave = run.current_wave();
  if (!wave.has_guard() || wave.guard().shadow()) {
    return GuardSays::kGoOn;
  }
  if (IsOpen(wave.guard())) {
    run.Explain(
        absl::StrCat("wave ", wave.spec().name(), " waits for its private gate, until ",
                     UtcText(FromWire(wave.guard().until())), " at most: ", wave.guard().why()),
        turn);
    return GuardSays::kWait;
  }
  PauseIfAsked(run, run.row().current_wave(), turn);
  return run.Is(v1::ROLLOUT_STATE_RUNNING) ? GuardSays::kGoOn : GuardSays::kWait;
}

void WaiveGuard(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (IsOpen(run.current_wave().guard())) {
    Decide(run, run.row().current_wave(), v1::GUARD_STAGE_HELD, v1::GUARD_REASON_WAIVED,
           absl::StrCat("promoted by ", by), turn);
  }
}

void TakeGuardStatus(RolloutRun& run, std::uint32_t wave, const GuardStatus& status,
                     const Turn& turn) {
  if (GuardOf(run.spec()) == nullptr ||
      wave >= static_cast<std::uint32_t>(run.row().waves_size()) ||
      !IsOpen(run.wave(wave).guard())) {
    return;
  }
  NoteTasks(run, *run.wave(wave).mutable_guard(), status, turn);
  if (status.rest == GuardStatus::Rest::kRefused) {
    Decide(run, wave, v1::GUARD_STAGE_HELD, v1::GUARD_REASON_NOT_ASKED, status.trouble, turn);
  } else if (status.looks.size() > run.wave(wave).guard().looks_taken()) {
    Judge(run, wave, status, turn);
  } else if (status.rest == GuardStatus::Rest::kNoMoreLooks) {
    EndWithout(run, wave, turn);
  }
}

void ExpireGuards(RolloutRun& run, const Turn& turn) {
  if (GuardOf(run.spec()) == nullptr) {
    return;
  }
  for (std::uint32_t wave = 0; wave < static_cast<std::uint32_t>(run.row().waves_size()); ++wave) {
    const v1::WaveGuard& guard = run.wave(wave).guard();
    if (IsOpen(guard) && (turn.now >= FromWire(guard.until()) || !IsWatched(run))) {
      EndWithout(run, wave, turn);
    }
  }
}

void AddOrders(const RolloutRun& run, std::vector<GuardOrder>& orders) {
  const v1::HealthGuard* spec = GuardOf(run.spec());
  if (spec == nullptr || !IsWatched(run)) {
    return;
  }
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(run.row().waves_size()); ++i) {
    const v1::WaveGuard& guard = run.wave(i).guard();
    if (!IsOpen(guard)) {
      continue;
    }
    GuardOrder& order = orders.emplace_back();
    order.rollout_id = run.id();
    order.wave = i;
    order.wave_name = run.wave(i).spec().name();
    order.line = run.spec().line();
    order.release = run.row().release();
    order.baseline = run.row().baseline();
    order.looks = guard.looks();
    if (spec->has_demo_window()) {
      order.demo_window = FromWire(spec->demo_window());
    }
    order.canary_devices = guard.canary_devices();
    order.control_devices = guard.control_devices();
    order.canary_task = guard.canary_task();
    order.control_task = guard.control_task();
  }
}

}  // namespace flotilla::rollout
