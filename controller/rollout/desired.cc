#include "controller/rollout/desired.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "controller/rollout/approval.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/selector.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

v1::Assignment AssignmentOf(const RolloutRun& run, const v1::RolloutDevice& row,
                            const v1::ReleaseRef& release) {
  v1::Assignment assignment;
  *assignment.mutable_release() = release;
  assignment.set_rollout_id(run.id());
  assignment.set_rollout_revision(run.row().revision());
  assignment.set_wave(row.wave());
  assignment.set_attempt(row.attempt());
  const PhaseDeadlines deadlines = DeadlinesOf(run.spec());
  *assignment.mutable_download_deadline() = ToWire(deadlines.download);
  *assignment.mutable_self_test_deadline() = ToWire(deadlines.self_test);
  *assignment.mutable_activate_deadline() = ToWire(deadlines.activate);
  *assignment.mutable_trial_duration() = run.spec().strategy().trial_duration();
  assignment.set_trial_requests(run.spec().strategy().trial_requests());
  // What was approved is the rollout's release, not the way back.
  if (release.sha256() == run.row().release().sha256()) {
    AddApprovals(run.row(), assignment);
  }
  return assignment;
}

Opinion Assign(v1::Assignment assignment, const std::string& why) {
  return {Opinion::Kind::kAssign, std::move(assignment), why};
}

Opinion Leave(const std::string& why) {
  return {Opinion::Kind::kLeave, {}, why};
}

// The rollout asks the device for its release, has asked, or could not have it.
bool HoldsRelease(v1::DeploymentState state) {
  return IsInFlight(state) || state == v1::DEPLOYMENT_STATE_SUCCEEDED ||
         state == v1::DEPLOYMENT_STATE_ALREADY_CURRENT || state == v1::DEPLOYMENT_STATE_TIMED_OUT ||
         state == v1::DEPLOYMENT_STATE_LOST;
}

// What a device on its way is to hold: for the whole rollout, for its windows, for a freeze.
v1::HoldMode HoldOf(const RolloutRun& run, const v1::RolloutDevice& row, const v1::Device& device,
                    const v1::Freeze* freeze) {
  if (!IsInFlight(row.state())) {
    return v1::HOLD_MODE_UNSPECIFIED;
  }
  v1::HoldMode hold = WindowHold(run, device, row.state());
  // Out of window each device holds what its own windows say.
  const bool paused = run.Is(v1::ROLLOUT_STATE_PAUSED) &&
                      run.row().pause_reason() != v1::PAUSE_REASON_OUT_OF_WINDOW;
  if (paused) {
    hold = Stronger(hold, run.row().hold());
  }
  return freeze != nullptr ? Stronger(hold, v1::HOLD_MODE_DRAIN) : hold;
}

Opinion ActiveOpinion(const RolloutRun& run, const v1::RolloutDevice& row, const v1::Device& device,
                      const v1::Freeze* freeze) {
  if (!HoldsRelease(row.state())) {
    return {};
  }
  v1::Assignment assignment = AssignmentOf(run, row, run.row().release());
  assignment.set_hold(HoldOf(run, row, device, freeze));
  return Assign(std::move(assignment),
                "rollout " + run.id() + " asks for it: the device is in wave " +
                    run.wave(row.wave()).spec().name() + ", " + NameOf(row.state()));
}

Opinion CompletedOpinion(const RolloutRun& run, const v1::RolloutDevice& row,
                         const v1::Device& device, const v1::Freeze* freeze) {
  if (HoldsRelease(row.state())) {
    v1::Assignment assignment = AssignmentOf(run, row, run.row().release());
    assignment.set_hold(HoldOf(run, row, device, freeze));
    return Assign(std::move(assignment), "rollout " + run.id() + " completed with it");
  }
  const Outcome outcome = OutcomeOf(row.state());
  // A device that was pinned then is not any more.
  const bool refused =
      outcome == Outcome::kQuality || outcome == Outcome::kSecurity ||
      (outcome == Outcome::kTargeting && row.state() != v1::DEPLOYMENT_STATE_REJECTED_PINNED);
  if (refused) {
    const std::string why = "it ended with " + NameOf(row.state()) + " in rollout " + run.id();
    if (!run.row().has_baseline()) {
      return Leave(why);
    }
    v1::Assignment assignment;
    *assignment.mutable_release() = run.row().baseline();
    return Assign(std::move(assignment), why + " and stays on that rollout's baseline");
  }
  const bool waits =
      row.state() == v1::DEPLOYMENT_STATE_PENDING && LineOf(device, run.spec().line()) != nullptr;
  return waits ? Leave("it waits in the catch-up lane of rollout " + run.id()) : Opinion{};
}

bool KeepsAfterEnd(const RolloutRun& run, const v1::RolloutDevice& row) {
  if (run.Is(v1::ROLLOUT_STATE_SUPERSEDED)) {
    return row.state() >= v1::DEPLOYMENT_STATE_ACTIVATING && HoldsRelease(row.state());
  }
  return (run.Is(v1::ROLLOUT_STATE_ABORTED) || run.Is(v1::ROLLOUT_STATE_ABORTING)) &&
         run.spec().on_abort().rollback() == v1::ROLLBACK_MODE_NONE && IsExposed(row.state());
}

}  // namespace

bool RunsWhatWasTakenBack(const RolloutRun& run, const v1::Device& device) {
  const v1::LineStatus* status = LineOf(device, run.spec().line());
  return TakesBack(run) && status != nullptr &&
         status->current().sha256() == run.row().release().sha256();
}

Opinion PinOpinion(const v1::Pin& pin, Opinion otherwise) {
  const bool same = otherwise.kind == Opinion::Kind::kAssign &&
                    otherwise.assignment.release().sha256() == pin.release().sha256();
  std::string why = absl::StrCat("it is pinned to it by ", pin.created_by(), " since ",
                                 UtcText(FromWire(pin.created_at())),
                                 pin.reason().empty() ? "" : ": ", pin.reason());
  if (same) {
    otherwise.why = absl::StrCat(why, "; ", otherwise.why);
    return otherwise;
  }
  v1::Assignment assignment;
  *assignment.mutable_release() = pin.release();
  return Assign(std::move(assignment), why);
}

Opinion OpinionOf(const RolloutRun& run, const v1::Device& device, Standing standing,
                  const v1::Freeze* freeze) {
  const v1::RolloutDevice* row = run.FindDevice(device.id());
  if (row == nullptr) {
    return {};
  }
  if (run.IsActive()) {
    return ActiveOpinion(run, *row, device, freeze);
  }
  if (run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    return standing == Standing::kStable ? CompletedOpinion(run, *row, device, freeze) : Opinion{};
  }
  if (MustReturn(run, *row) || RunsWhatWasTakenBack(run, device)) {
    return Assign(AssignmentOf(run, *row, run.row().baseline()),
                  "rollout " + run.id() + " sends it back to its baseline");
  }
  if (KeepsAfterEnd(run, *row)) {
    return Leave("rollout " + run.id() + " ended and leaves what it has confirmed");
  }
  return {};
}

bool IsMeantFor(const LineBaseline& baseline, const v1::Device& device) {
  const auto selector = Selector::Parse(baseline.selector);
  return selector.ok() && selector->Matches(device);
}

Opinion BaselineOpinion(const LineBaseline& baseline, const v1::Device& device) {
  if (baseline.release.version().empty() || !IsMeantFor(baseline, device)) {
    return {};
  }
  v1::Assignment assignment;
  *assignment.mutable_release() = baseline.release;
  return Assign(std::move(assignment), "it is the baseline of line " + baseline.line +
                                           ", made by rollout " + baseline.rollout_id);
}

}  // namespace flotilla::rollout
