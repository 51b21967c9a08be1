#include "controller/rollout/rollout_book.h"

#include <algorithm>
#include <string>
#include <utility>

#include "controller/rollout/approval.h"
#include "controller/rollout/change_set.h"
#include "controller/rollout/cusum.h"
#include "controller/rollout/desired.h"
#include "controller/rollout/operator_actions.h"
#include "controller/rollout/revocation.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/wave_guard.h"
#include "controller/rollout/wave_progress.h"
#include "controller/rollout/wind_down.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

v1::Rollout Draft(const v1::RolloutSpec& spec, const v1::ReleaseRef& release, const std::string& by,
                  Time now) {
  v1::Rollout row;
  row.set_id(spec.name());
  *row.mutable_spec() = spec;
  row.set_revision(1);
  row.set_state(v1::ROLLOUT_STATE_DRAFT);
  *row.mutable_release() = release;
  *row.mutable_created_at() = ToWire(now);
  row.set_created_by(by);
  row.set_why("created by " + by + "; not started");
  if (spec.has_expedite()) {
    row.mutable_spec()->set_approvals_needed(std::max(spec.approvals_needed(), kExpediteApprovals));
  }
  if (row.spec().approvals_needed() > 0) {
    row.set_state(v1::ROLLOUT_STATE_AWAITING_APPROVAL);
    row.set_why("created by " + by + (spec.has_expedite() ? ", expedited" : "") + "; waits for " +
                std::to_string(row.spec().approvals_needed()) + " approvals by other operators");
  }
  const Sprt sprt(spec.strategy().judge());
  for (const v1::WaveSpec& wave_spec : WavesOf(spec)) {
    v1::Wave& wave = *row.add_waves();
    *wave.mutable_spec() = wave_spec;
    wave.set_state(v1::WAVE_STATE_PENDING);
    wave.set_llr_abort(sprt.abort_bound());
    wave.set_llr_pass(sprt.pass_bound());
  }
  return row;
}

}  // namespace

RolloutBook::RolloutBook(const FleetView& fleet) : fleet_(fleet) {}
RolloutBook::~RolloutBook() = default;

void RolloutBook::Load(const std::vector<v1::Rollout>& rollouts,
                       const std::vector<v1::RolloutDevice>& devices,
                       const std::vector<LineBaseline>& baselines,
                       const std::vector<v1::Policy>& policies) {
  policies_.Load(policies);
  runs_.clear();
  pulse_ = {};
  baselines_.clear();
  for (const v1::Rollout& row : rollouts) {
    runs_.push_back(std::make_unique<RolloutRun>(row));
  }
  std::stable_sort(runs_.begin(), runs_.end(), [](const auto& a, const auto& b) {
    const Time at_a = FromWire(a->row().created_at());
    const Time at_b = FromWire(b->row().created_at());
    return at_a != at_b ? at_a < at_b : a->id() < b->id();
  });
  by_id_.clear();
  for (const auto& run : runs_) {
    by_id_[run->id()] = run.get();
  }
  for (const v1::RolloutDevice& device : devices) {
    if (RolloutRun* run = FindRun(device.rollout_id()); run != nullptr) {
      run->LoadDevice(device, fleet_);
    }
  }
  for (const LineBaseline& baseline : baselines) {
    baselines_[baseline.line] = baseline;
  }
}

Turn RolloutBook::TurnAt(ChangeSet& changes, Time now) const {
  const auto has_moved_on = [this](const RolloutRun& run, const v1::Device& device) {
    const Opinion opinion = OpinionOn(device, run.spec().line());
    const std::string& asks = opinion.assignment.rollout_id();
    return !asks.empty() && asks != run.id();
  };
  return {fleet_, changes, policies_, now, has_moved_on};
}

StatusOr<RolloutChange> RolloutBook::Create(const v1::RolloutSpec& spec, const std::string& by,
                                            EmptyMatch empty_match, Time now) {
  FLOTILLA_RETURN_IF_ERROR(CheckSpec(spec));
  if (FindRun(spec.name()) != nullptr) {
    return AlreadyExists("rollout " + spec.name() + " exists; a name is never used again");
  }
  const v1::Release* release = fleet_.FindRelease(spec.line(), spec.version());
  if (release == nullptr || release->blocked() || IsRevoked(*release)) {
    return FailedPrecondition("release " + spec.line() + " " + spec.version() +
                              (release == nullptr   ? " is not published"
                               : release->blocked() ? " is blocked"
                                                    : " is revoked"));
  }
  auto run = std::make_unique<RolloutRun>(Draft(spec, release->ref(), by, now));
  const std::uint32_t matching = run->CountMatching(fleet_);
  if (matching == 0 && empty_match == EmptyMatch::kRefuse) {
    return FailedPrecondition("selector \"" + spec.selector() + "\" matches no device");
  }
  v1::Rollout& row = run->mutable_row();
  const auto baseline = baselines_.find(spec.line());
  if (baseline != baselines_.end() && !baseline->second.release.version().empty()) {
    *row.mutable_baseline() = baseline->second.release;
  }
  row.set_cusum_bound(CusumBound(matching, spec.strategy().judge()));
  by_id_[run->id()] = run.get();
  runs_.push_back(std::move(run));
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  changes.NoteRollout(*runs_.back());
  UpdateWindows(*runs_.back(), turn);
  ForecastGuards(*runs_.back(), turn);
  return std::move(changes).Take();
}

StatusOr<RolloutChange> RolloutBook::Act(const std::string& rollout_id, v1::RolloutAction action,
                                         v1::HoldMode hold, const std::string& by, Time now) {
  RolloutRun* run = FindRun(rollout_id);
  if (run == nullptr) {
    return NotFound("no rollout " + rollout_id);
  }
  if (FindRevoked(run->row().release()) != nullptr) {
    return FailedPrecondition("rollout " + rollout_id + " is over: its release is revoked");
  }
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  FLOTILLA_RETURN_IF_ERROR(Dispatch(*run, action, hold, by, turn));
  Follow(*run, turn);
  return std::move(changes).Take();
}

StatusOr<RolloutChange> RolloutBook::Approve(const std::string& rollout_id,
                                             const v1::Approval& approval, const std::string& by,
                                             Time now) {
  RolloutRun* run = FindRun(rollout_id);
  if (run == nullptr) {
    return NotFound("no rollout " + rollout_id);
  }
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  FLOTILLA_RETURN_IF_ERROR(ApproveBy(*run, approval, by, turn));
  return std::move(changes).Take();
}

StatusOr<RolloutChange> RolloutBook::Extend(const std::string& rollout_id, Duration longer,
                                            const std::string& by, Time now) {
  RolloutRun* run = FindRun(rollout_id);
  if (run == nullptr) {
    return NotFound("no rollout " + rollout_id);
  }
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  FLOTILLA_RETURN_IF_ERROR(ExtendBy(*run, longer, by, turn));
  Follow(*run, turn);
  return std::move(changes).Take();
}

Status RolloutBook::Dispatch(RolloutRun& run, v1::RolloutAction action, v1::HoldMode hold,
                             const std::string& by, const Turn& turn) {
  switch (action) {
    case v1::ROLLOUT_ACTION_START:
      return Start(run, by, turn);
    case v1::ROLLOUT_ACTION_PAUSE:
      return PauseBy(run, hold, by, turn);
    case v1::ROLLOUT_ACTION_RESUME:
      return ResumeBy(run, by, turn);
    case v1::ROLLOUT_ACTION_PROMOTE:
      return run.IsActive() ? Promote(run, by, turn) : NotAllowed(run, "promoted");
    case v1::ROLLOUT_ACTION_ABORT:
      return AbortBy(run, by, turn);
    case v1::ROLLOUT_ACTION_ROLLBACK:
      return RollBack(run, by, turn);
    case v1::ROLLOUT_ACTION_DENY:
      return DenyBy(run, by, turn);
    case v1::ROLLOUT_ACTION_RETRY:
      return Retry(run, by, turn);
    default:
      return InvalidArgument("action: unknown");
  }
}

Status RolloutBook::Start(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (run.IsActive()) {
    return OkStatus();
  }
  if (run.Is(v1::ROLLOUT_STATE_AWAITING_APPROVAL)) {
    return FailedPrecondition(
        "rollout " + run.id() + " waits for " + std::to_string(ApprovalsMissing(run.row())) +
        " approvals: fleetctl rollout approve, by another operator than " + run.row().created_by());
  }
  if (!run.Is(v1::ROLLOUT_STATE_DRAFT) && !run.Is(v1::ROLLOUT_STATE_SCHEDULED)) {
    return NotAllowed(run, "started");
  }
  const v1::Release* release = fleet_.FindRelease(run.spec().line(), run.spec().version());
  if (release == nullptr || release->blocked() || IsRevoked(*release)) {
    return FailedPrecondition("release " + run.spec().line() + " " + run.spec().version() +
                              " can no longer be offered: blocked, revoked or gone");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Meets meets, MeetOthers(run, by, turn));
  if (meets == Meets::kQueued) {
    return OkStatus();
  }
  v1::Rollout& row = run.mutable_row();
  row.clear_queued_behind();
  row.clear_queued_by();
  row.set_cusum_bound(CusumBound(run.CountMatching(fleet_), run.spec().strategy().judge()));
  row.set_state(v1::ROLLOUT_STATE_RUNNING);
  *row.mutable_started_at() = ToWire(turn.now);
  row.set_why("started by " + by);
  turn.changes.NoteRollout(run);
  ForecastGuards(run, turn);
  return OkStatus();
}

Status RolloutBook::RollBack(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (run.Is(v1::ROLLOUT_STATE_ROLLING_BACK) || run.Is(v1::ROLLOUT_STATE_ROLLED_BACK)) {
    return OkStatus();
  }
  if (!run.IsActive() && !run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    return NotAllowed(run, "rolled back");
  }
  if (!run.row().has_baseline()) {
    return FailedPrecondition("rollout " + run.id() +
                              " has no baseline: the line ran nothing before it");
  }
  if (run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    LineBaseline& baseline = baselines_[run.spec().line()];
    if (baseline.rollout_id != run.id()) {
      return FailedPrecondition("rollout " + run.id() + " was followed by " + baseline.rollout_id +
                                ": roll that back");
    }
    baseline.release = run.row().baseline();
    turn.changes.NoteBaseline(baseline);
  }
  BeginRollback(run, "rolled back by " + by + " to " + run.row().baseline().version(), turn);
  return OkStatus();
}

Status RolloutBook::Retry(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (run.Is(v1::ROLLOUT_STATE_COMPLETED)) {
    const std::string& newest = baselines_[run.spec().line()].rollout_id;
    if (newest != run.id()) {
      return FailedPrecondition("rollout " + run.id() + " was followed by " + newest);
    }
  }
  return RetryBy(run, by, turn);
}

RolloutRun* RolloutBook::FindRun(const std::string& rollout_id) const {
  const auto found = by_id_.find(rollout_id);
  return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace flotilla::rollout
