// What happens to a rollout book: reports, devices that come and go, time.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/rollout/change_set.h"
#include "controller/rollout/deadlines.h"
#include "controller/rollout/hold.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/overlap.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/report_intake.h"
#include "controller/rollout/retry.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/wave_dispatch.h"
#include "controller/rollout/wave_guard.h"
#include "controller/rollout/wave_progress.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {

void RolloutBook::Follow(RolloutRun& run, const Turn& turn) {
  Advance(run, turn);
  SettleReturns(run, turn);
  if (run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    TakeBaseline(run, turn);
  }
}

void RolloutBook::TakeBaseline(RolloutRun& run, const Turn& turn) {
  LineBaseline& baseline = baselines_[run.spec().line()];
  const RolloutRun* maker = FindRun(baseline.rollout_id);
  const Time started = FromWire(run.row().started_at());
  if (maker == &run || (maker != nullptr && FromWire(maker->row().started_at()) > started)) {
    return;
  }
  baseline = {run.spec().line(), run.row().release(), run.spec().selector(), run.id()};
  turn.changes.NoteBaseline(baseline);
  turn.fleet.ForEachDevice(
      [&](const v1::Device& device) { turn.changes.NoteTouched(device.id()); });
  for (const auto& other : runs_) {
    if (other.get() != &run && other->Is(v1::ROLLOUT_STATE_COMPLETED) &&
        Overlap(*other, run, turn.fleet)) {
      SupersedePending(*other, turn);
    }
  }
}

void RolloutBook::Meet(RolloutRun& run, const v1::Device& device, const Turn& turn) {
  NoteZone(run, device, turn);
  if (run.NoteCandidate(device)) {
    run.nobody_to_take = false;
  }
  if (run.IsActive()) {
    AdmitLateDevice(run, device, turn);
  }
  const v1::RolloutDevice* row = run.FindDevice(device.id());
  if (row == nullptr) {
    return;
  }
  if (IsReachable(&device)) {
    run.index().Wake(*row);
  }
  AwaitAgain(run, *row);
}

RolloutChange RolloutBook::OnReport(const std::string& device_id, const v1::UpdateReport& report,
                                    Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  RolloutRun* run = RunOfReport(device_id, report);
  if (run != nullptr) {
    ApplyReport(*run, device_id, report, turn);
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

RolloutChange RolloutBook::OnDevice(const std::string& device_id, Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  const v1::Device* device = fleet_.FindDevice(device_id);
  changes.NoteTouched(device_id);
  if (device != nullptr && pulse_.filled()) {
    const bool updated = std::any_of(runs_.begin(), runs_.end(), [&](const auto& run) {
      const v1::RolloutDevice* row = run->FindDevice(device_id);
      return run->IsActive() && row != nullptr && IsExposed(row->state());
    });
    pulse_.Note(*device, updated ? FleetPulse::Group::kUpdated : FleetPulse::Group::kControl, now);
  }
  for (const auto& run : runs_) {
    v1::RolloutDevice* row = run->FindDevice(device_id);
    if (row != nullptr && device != nullptr && device->revoked() && !IsTerminal(row->state())) {
      run->Move(*row, v1::DEPLOYMENT_STATE_REVOKED, v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED,
                turn);
    }
    if (device != nullptr) {
      Meet(*run, *device, turn);
    }
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

RolloutChange RolloutBook::Tick(Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  NotePolicies(policies_.Advance(now), turn);
  StartQueued(turn);
  WatchNetwork(turn);
  for (const auto& run : runs_) {
    if (run->IsActive() || run->Is(v1::ROLLOUT_STATE_COMPLETED)) {
      ApplyDeadlines(*run, turn);
      ResumeBySelf(*run, turn);
      RetryDue(*run, turn);
    }
    ExpireGuards(*run, turn);
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

void RolloutBook::WatchNetwork(const Turn& turn) {
  if (!pulse_.filled()) {
    pulse_.Fill(turn.fleet);
  }
  const bool down = pulse_.NetworkIsDown(turn.now);
  for (const auto& run : runs_) {
    const bool waits = run->Is(v1::ROLLOUT_STATE_PAUSED) &&
                       run->row().pause_reason() == v1::PAUSE_REASON_FLEET_CONNECTIVITY;
    if (down && run->Is(v1::ROLLOUT_STATE_RUNNING)) {
      Pause(*run, v1::PAUSE_REASON_FLEET_CONNECTIVITY, v1::HOLD_MODE_DRAIN,
            absl::StrCat("paused: ", pulse_.silent(), " devices that no rollout had updated fell ",
                         "silent within an hour, ", pulse_.reachable(), " can be reached: the ",
                         "network is down, not the release"),
            turn);
    } else if (!down && waits) {
      GoOn(*run, "resumed by itself: the network is back", turn);
    }
  }
}

RolloutRun* RolloutBook::RunOfReport(const std::string& device_id,
                                     const v1::UpdateReport& report) const {
  if (!report.rollout_id().empty()) {
    return FindRun(report.rollout_id());
  }
  // A release can go bad after its rollout is over and the baseline asks for it.
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    const v1::RolloutDevice* row = (*run)->FindDevice(device_id);
    if (report.state() == v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM && row != nullptr &&
        (*run)->row().release().sha256() == report.release().sha256()) {
      return run->get();
    }
  }
  return nullptr;
}

}  // namespace flotilla::rollout
