#include "controller/rollout/wind_down.h"

#include <set>

#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/retry.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

bool GoesBack(const RolloutRun& run) {
  return run.row().has_baseline() &&
         (run.Is(v1::ROLLOUT_STATE_ROLLING_BACK) || run.Is(v1::ROLLOUT_STATE_ROLLED_BACK) ||
          run.spec().on_abort().rollback() != v1::ROLLBACK_MODE_NONE);
}

// Devices that have not begun to activate.
void CancelBeforeActivation(RolloutRun& run, v1::DeploymentState to, const Turn& turn) {
  for (const auto& [device_id, row] : run.devices()) {
    if (row.state() < v1::DEPLOYMENT_STATE_ACTIVATING) {
      run.Move(*run.FindDevice(device_id), to, v1::FAILURE_REASON_UNSPECIFIED, turn);
    }
  }
  DropRetries(run, turn);
}

void TouchAll(const RolloutRun& run, const Turn& turn) {
  for (const auto& [device_id, row] : run.devices()) {
    turn.changes.NoteTouched(device_id);
  }
}

void BeginReturn(RolloutRun& run, v1::RolloutState state, const std::string& why,
                 const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  row.set_state(state);
  row.clear_pause_reason();
  row.clear_hold();
  row.clear_paused_at();
  row.clear_frozen_by();
  row.set_why(why);
  turn.changes.NoteRollout(run);
  CancelBeforeActivation(run, v1::DEPLOYMENT_STATE_CANCELLED, turn);
  TouchAll(run, turn);
  for (const auto& [device_id, device] : run.devices()) {
    AwaitAgain(run, device);
  }
  SettleReturns(run, turn);
}

// Whether the rollout waits for this device, if it can be reached. What it has installed is known
// from its reports alone: what it told at its last hello may be older.
bool IsAwaited(const RolloutRun& run, const v1::RolloutDevice& row) {
  return !IsTerminal(row.return_state()) && (!IsTerminal(row.state()) || MustReturn(run, row));
}

// A device that cannot be reached is not waited for, nor one that a newer rollout has taken up.
bool CanStillReturn(const RolloutRun& run, const v1::Device* device, const Turn& turn) {
  return IsReachable(device) && !(turn.has_moved_on && turn.has_moved_on(run, *device));
}

std::string ReturnSummary(const RolloutRun& run) {
  std::uint32_t returned = 0;
  std::uint32_t left = 0;
  for (const auto& [device_id, row] : run.devices()) {
    returned += row.has_returned_at() ? 1U : 0U;
    left += MustReturn(run, row) && !row.has_returned_at() ? 1U : 0U;
  }
  std::string text = std::to_string(returned) + " went back to the baseline";
  if (run.row().has_baseline()) {
    text += " " + run.row().baseline().version();
  }
  if (left > 0) {
    text += ", " + std::to_string(left) + " will when they can be reached";
  }
  return text;
}

}  // namespace

bool TakesBack(const RolloutRun& run) {
  const bool ended = run.Is(v1::ROLLOUT_STATE_ABORTED) || run.Is(v1::ROLLOUT_STATE_ROLLED_BACK);
  return (run.IsReturning() || ended) && GoesBack(run);
}

bool MustReturn(const RolloutRun& run, const v1::RolloutDevice& device) {
  return run.IsReturning() && GoesBack(run) && IsExposed(device.state()) && !device.pinned();
}

void BeginAbort(RolloutRun& run, const std::string& why, const Turn& turn) {
  BeginReturn(run, v1::ROLLOUT_STATE_ABORTING, why, turn);
}

void BeginRollback(RolloutRun& run, const std::string& why, const Turn& turn) {
  run.mutable_row().clear_finished_at();
  BeginReturn(run, v1::ROLLOUT_STATE_ROLLING_BACK, why, turn);
}

void Supersede(RolloutRun& run, const std::string& newer_id, const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  row.set_state(v1::ROLLOUT_STATE_SUPERSEDED);
  row.clear_pause_reason();
  row.clear_hold();
  row.clear_paused_at();
  row.clear_frozen_by();
  row.set_why("superseded: rollout " + newer_id + " of the same line was started");
  *row.mutable_finished_at() = ToWire(turn.now);
  turn.changes.NoteRollout(run);
  SupersedePending(run, turn);
  TouchAll(run, turn);
}

void SupersedePending(RolloutRun& run, const Turn& turn) {
  CancelBeforeActivation(run, v1::DEPLOYMENT_STATE_SUPERSEDED, turn);
}

namespace {

// Where a rollout ends whose release was revoked.
v1::RolloutState EndOf(const RolloutRun& run) {
  switch (run.row().state()) {
    case v1::ROLLOUT_STATE_DRAFT:
    case v1::ROLLOUT_STATE_AWAITING_APPROVAL:
    case v1::ROLLOUT_STATE_SCHEDULED:
      return v1::ROLLOUT_STATE_CANCELLED;
    case v1::ROLLOUT_STATE_RUNNING:
    case v1::ROLLOUT_STATE_PAUSED:
    case v1::ROLLOUT_STATE_ABORTING:
      return v1::ROLLOUT_STATE_ABORTED;
    case v1::ROLLOUT_STATE_ROLLING_BACK:
      return v1::ROLLOUT_STATE_ROLLED_BACK;
    default:
      return run.row().state();
  }
}

}  // namespace

void EndRevoked(RolloutRun& run, const std::string& why, const Turn& turn) {
  v1::Rollout& row = run.mutable_row();
  const v1::RolloutState end = EndOf(run);
  if (end != row.state()) {
    row.set_state(end);
    row.clear_pause_reason();
    row.clear_hold();
    row.clear_paused_at();
    row.set_why(why);
    *row.mutable_finished_at() = ToWire(turn.now);
    turn.changes.NoteRollout(run);
  }
  for (const auto& [device_id, device] : run.devices()) {
    if (!IsTerminal(device.state())) {
      run.Move(*run.FindDevice(device_id), v1::DEPLOYMENT_STATE_REVOKED,
               v1::FAILURE_REASON_POLICY_REVOKED, turn);
    }
  }
  DropRetries(run, turn);
  run.awaited().clear();
  TouchAll(run, turn);
}

void AwaitAgain(RolloutRun& run, const v1::RolloutDevice& device) {
  if (run.IsReturning() && IsAwaited(run, device)) {
    run.awaited().insert(device.device_id());
  }
}

void SettleReturns(RolloutRun& run, const Turn& turn) {
  if (!run.IsReturning()) {
    return;
  }
  // Who need not be waited for is looked at once: AwaitAgain brings back who can be reached again.
  std::set<std::string>& awaited = run.awaited();
  while (!awaited.empty()) {
    const std::string& device_id = *awaited.begin();
    if (IsAwaited(run, *run.FindDevice(device_id)) &&
        CanStillReturn(run, turn.fleet.FindDevice(device_id), turn)) {
      return;
    }
    awaited.erase(awaited.begin());
  }
  v1::Rollout& row = run.mutable_row();
  const std::string summary = ReturnSummary(run);
  row.set_state(run.Is(v1::ROLLOUT_STATE_ABORTING) ? v1::ROLLOUT_STATE_ABORTED
                                                   : v1::ROLLOUT_STATE_ROLLED_BACK);
  *row.mutable_finished_at() = ToWire(turn.now);
  row.set_why(row.why() + "; " + summary);
  turn.changes.NoteRollout(run);
}

void ApplyReturnReport(RolloutRun& run, v1::RolloutDevice& device, const v1::UpdateReport& report,
                       const Turn& turn) {
  if (IsTerminal(device.return_state()) || report.state() <= device.return_state()) {
    return;
  }
  device.set_return_state(report.state());
  turn.changes.NoteDevice(run, device.device_id());
  if (report.state() == v1::DEPLOYMENT_STATE_SUCCEEDED ||
      report.state() == v1::DEPLOYMENT_STATE_ALREADY_CURRENT) {
    *device.mutable_returned_at() = ToWire(turn.now);
  }
}

}  // namespace flotilla::rollout
