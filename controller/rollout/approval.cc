#include "controller/rollout/approval.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "flotilla/v1/failure_reason.pb.h"

#include "controller/rollout/operator_actions.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr std::size_t kKeyIdBytes = 32;
constexpr std::size_t kMaxSignatureBytes = 512;

bool WaitsForStart(const RolloutRun& run) {
  return run.Is(v1::ROLLOUT_STATE_DRAFT) || run.Is(v1::ROLLOUT_STATE_AWAITING_APPROVAL) ||
         run.Is(v1::ROLLOUT_STATE_SCHEDULED);
}

Status CheckApproval(const RolloutRun& run, const v1::Approval& approval, const std::string& by) {
  if (approval.key_id().size() != kKeyIdBytes || approval.signature().empty() ||
      approval.signature().size() > kMaxSignatureBytes) {
    return InvalidArgument("approval: a key id of 32 bytes and a signature of at most 512");
  }
  if (by == run.row().created_by()) {
    return WithReason(PermissionDenied("rollout " + run.id() + " was created by " + by +
                                       ": another operator has to approve it"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  return WaitsForStart(run) || run.IsActive() ? OkStatus() : NotAllowed(run, "approved");
}

// Whether this very approval is there; an error when there is no place for it.
StatusOr<bool> IsTaken(const RolloutRun& run, const v1::Approval& approval, const std::string& by) {
  for (const v1::Approval& known : run.row().approvals()) {
    const bool same_person = known.by() == by;
    const bool same_key = known.key_id() == approval.key_id();
    if (same_person && same_key) {
      return true;
    }
    if (same_person || same_key) {
      return AlreadyExists("rollout " + run.id() + " has " + known.by() + "'s approval" +
                           (same_key ? " by this key: every approver has his own" : ""));
    }
  }
  if (run.row().approvals_size() >= kMaxApprovals) {
    return ResourceExhausted("rollout " + run.id() + " has 4 approvals: no more are carried");
  }
  return false;
}

}  // namespace

std::uint32_t ApprovalsMissing(const v1::Rollout& row) {
  const auto have = static_cast<std::uint32_t>(row.approvals_size());
  return row.spec().approvals_needed() - std::min(have, row.spec().approvals_needed());
}

Status ApproveBy(RolloutRun& run, const v1::Approval& approval, const std::string& by,
                 const Turn& turn) {
  FLOTILLA_RETURN_IF_ERROR(CheckApproval(run, approval, by));
  FLOTILLA_ASSIGN_OR_RETURN(const bool taken_before, IsTaken(run, approval, by));
  if (taken_before) {
    return OkStatus();
  }
  v1::Rollout& row = run.mutable_row();
  v1::Approval& taken = *row.add_approvals();
  taken = approval;
  taken.set_by(by);
  *taken.mutable_at() = ToWire(turn.now);
  const std::uint32_t missing = ApprovalsMissing(row);
  if (run.Is(v1::ROLLOUT_STATE_AWAITING_APPROVAL)) {
    if (missing == 0) {
      row.set_state(v1::ROLLOUT_STATE_SCHEDULED);
    }
    row.set_why("approved by " + by +
                (missing == 0 ? "; not started"
                              : "; waits for " + std::to_string(missing) + " more approvals"));
  }
  turn.changes.NoteRollout(run);
  for (const auto& [id, device] : run.devices()) {
    turn.changes.NoteTouched(id);
  }
  return OkStatus();
}

Status DenyBy(RolloutRun& run, const std::string& by, const Turn& turn) {
  if (run.Is(v1::ROLLOUT_STATE_CANCELLED)) {
    return OkStatus();
  }
  if (!WaitsForStart(run)) {
    return NotAllowed(run, "denied");
  }
  v1::Rollout& row = run.mutable_row();
  row.set_state(v1::ROLLOUT_STATE_CANCELLED);
  row.set_why("denied by " + by);
  *row.mutable_finished_at() = ToWire(turn.now);
  turn.changes.NoteRollout(run);
  return OkStatus();
}

void AddApprovals(const v1::Rollout& row, v1::Assignment& assignment) {
  for (const v1::Approval& approval : row.approvals()) {
    assignment.add_operator_signatures(approval.signature());
    assignment.add_operator_key_ids(approval.key_id());
  }
}

}  // namespace flotilla::rollout
