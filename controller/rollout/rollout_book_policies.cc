// Rules over the rollouts of a book, rollouts that meet each other, and edits.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

#include "controller/rollout/change_set.h"
#include "controller/rollout/hold.h"
#include "controller/rollout/operator_actions.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/overlap.h"
#include "controller/rollout/retry.h"
#include "controller/rollout/rollout_book.h"
#include "controller/rollout/rollout_edit.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/wind_down.h"

namespace flotilla::rollout {
namespace {

// It offers its release to somebody, or may again.
bool StillOffers(const RolloutRun& run) {
  return run.IsActive() || run.Is(v1::ROLLOUT_STATE_COMPLETED);
}

// The rollout is asked no more what the device should run, nor waits for it.
void SetPinned(RolloutRun& run, const v1::Pin& pin, const Turn& turn) {
  v1::RolloutDevice* row = run.FindDevice(pin.device_id());
  if (row == nullptr || run.spec().line() != pin.release().line()) {
    return;
  }
  row->set_pinned(true);
  turn.changes.NoteDevice(run, pin.device_id());
  if (!IsTerminal(row->state()) && run.row().release().sha256() != pin.release().sha256()) {
    run.Move(*row, v1::DEPLOYMENT_STATE_REJECTED_PINNED, v1::FAILURE_REASON_POLICY_OPERATOR_HOLD,
             turn);
    PauseAtOutcome(run, *row, turn);
  }
}

void ClearPinned(RolloutRun& run, const std::string& device_id, const std::string& line,
                 const Turn& turn) {
  v1::RolloutDevice* row = run.FindDevice(device_id);
  if (row == nullptr || run.spec().line() != line) {
    return;
  }
  row->set_pinned(false);
  turn.changes.NoteDevice(run, device_id);
  if (run.IsActive() && row->state() == v1::DEPLOYMENT_STATE_REJECTED_PINNED) {
    TryAgain(run, *row, turn);
  }
  AwaitAgain(run, *row);
}

}  // namespace

void RolloutBook::NotePolicies(const std::vector<v1::Policy>& changed, const Turn& turn) {
  for (const v1::Policy& policy : changed) {
    turn.changes.NotePolicy(policy);
  }
  if (changed.empty()) {
    return;
  }
  for (const auto& run : runs_) {
    if (StillOffers(*run)) {
      ReconsiderHeld(*run, turn);
    }
  }
}

StatusOr<RolloutChange> RolloutBook::CreateFreeze(const v1::Freeze& freeze, const std::string& by,
                                                  Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Policy added, policies_.AddFreeze(freeze, by, now));
  NotePolicies({added}, turn);
  for (const auto& run : runs_) {
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

StatusOr<RolloutChange> RolloutBook::DeleteFreeze(const std::string& name, Time now) {
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Policy removed, policies_.RemoveFreeze(name));
  NotePolicies({removed}, turn);
  for (const auto& run : runs_) {
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

StatusOr<RolloutChange> RolloutBook::PinDevice(const v1::Pin& pin, const std::string& by,
                                               Time now) {
  const v1::ReleaseRef& wanted = pin.release();
  if (fleet_.FindDevice(pin.device_id()) == nullptr) {
    return NotFound(absl::StrCat("no device ", pin.device_id()));
  }
  const v1::Release* release = fleet_.FindRelease(wanted.line(), wanted.version());
  if (release == nullptr || release->blocked()) {
    return FailedPrecondition(
        absl::StrCat("release ", wanted.line(), " ", wanted.version(),
                     release == nullptr ? " is not published" : " is blocked or below the floor"));
  }
  v1::Pin whole = pin;
  *whole.mutable_release() = release->ref();
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Policy added, policies_.AddPin(whole, by, now));
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  changes.NotePolicy(added);
  changes.NoteTouched(pin.device_id());
  for (const auto& run : runs_) {
    SetPinned(*run, added.pin(), turn);
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

StatusOr<RolloutChange> RolloutBook::UnpinDevice(const std::string& device_id,
                                                 const std::string& line, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Policy removed, policies_.RemovePin(device_id, line));
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  changes.NotePolicy(removed);
  changes.NoteTouched(device_id);
  for (const auto& run : runs_) {
    ClearPinned(*run, device_id, line, turn);
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

StatusOr<RolloutBook::Meets> RolloutBook::MeetOthers(RolloutRun& run, const std::string& by,
                                                     const Turn& turn) {
  std::vector<RolloutRun*> others;
  for (const auto& other : runs_) {
    if (other.get() != &run && other->IsActive() && Overlap(*other, run, turn.fleet)) {
      others.push_back(other.get());
    }
  }
  if (others.empty()) {
    return Meets::kNobody;
  }
  v1::Rollout& row = run.mutable_row();
  const std::string& first = others.front()->id();
  switch (run.spec().on_overlap()) {
    case v1::ON_OVERLAP_REPLACE:
      for (RolloutRun* other : others) {
        Supersede(*other, run.id(), turn);
      }
      return Meets::kNobody;
    case v1::ON_OVERLAP_QUEUE:
      row.set_state(v1::ROLLOUT_STATE_SCHEDULED);
      row.set_queued_behind(first);
      row.set_queued_by(by);
      row.set_why(absl::StrCat("started by ", by, "; queued behind rollout ", first,
                               " of the same line, which has devices in common with it"));
      turn.changes.NoteRollout(run);
      return Meets::kQueued;
    default:
      return FailedPrecondition(absl::StrCat(
          "rollout ", first, " of line ", run.spec().line(), " is ",
          v1::RolloutState_Name(others.front()->row().state()),
          " and has devices in common with it: abort it, or create this one with --on-overlap ",
          "replace or queue"));
  }
}

void RolloutBook::StartQueued(const Turn& turn) {
  std::vector<RolloutRun*> queued;
  for (const auto& run : runs_) {
    if (run->Is(v1::ROLLOUT_STATE_SCHEDULED) && !run->row().queued_behind().empty()) {
      queued.push_back(run.get());
    }
  }
  // The oldest first within a priority.
  std::stable_sort(queued.begin(), queued.end(), [](const RolloutRun* a, const RolloutRun* b) {
    return a->spec().priority() > b->spec().priority();
  });
  for (RolloutRun* run : queued) {
    const RolloutRun* before = FindRun(run->row().queued_behind());
    if (before != nullptr && before->IsActive()) {
      continue;
    }
    const std::string by = run->row().queued_by();
    const Status started = Start(*run, by, turn);
    if (!started.ok()) {
      run->mutable_row().clear_queued_behind();
      run->mutable_row().clear_queued_by();
      run->Explain(absl::StrCat("its turn came, but it was not started: ", MessageOf(started)),
                   turn);
    }
  }
}

StatusOr<RolloutChange> RolloutBook::Edit(const std::string& rollout_id,
                                          const v1::RolloutSpec& wanted, std::uint32_t revision,
                                          Time now, std::vector<std::string>& changed) {
  RolloutRun* run = FindRun(rollout_id);
  if (run == nullptr) {
    return NotFound(absl::StrCat("no rollout ", rollout_id));
  }
  if (run->IsFinal() || run->IsReturning()) {
    return NotAllowed(*run, "edited");
  }
  if (revision != 0 && revision != run->row().revision()) {
    return Aborted(absl::StrCat("rollout ", rollout_id, " is at revision ", run->row().revision(),
                                " by now: look at it again"));
  }
  ChangeSet changes;
  const Turn turn = TurnAt(changes, now);
  FLOTILLA_ASSIGN_OR_RETURN(changed, EditSpec(*run, wanted, turn));
  if (!changed.empty()) {
    Follow(*run, turn);
  }
  return std::move(changes).Take();
}

}  // namespace flotilla::rollout
