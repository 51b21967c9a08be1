// The second person's part of a rollout: approvals by other operators than its creator.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_APPROVAL_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_APPROVAL_H_

#include <cstdint>
#include <string>

#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/session.pb.h"

#include "base/status.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// A rollout and an assignment carry at most so many.
inline constexpr int kMaxApprovals = 4;

std::uint32_t ApprovalsMissing(const v1::Rollout& row);

// Takes an operator's signature up; with the last one that is missing an AWAITING_APPROVAL becomes
// SCHEDULED. Its devices get it with their assignments, those on their way too. Again by the same
// operator with the same key: OK. The signature itself is checked by who holds the public key: the
// device. PERMISSION_DENIED (CONTROL_NOT_ALLOWED): the creator himself; ALREADY_EXISTS: the key is
// another approver's; INVALID_ARGUMENT: no key id or signature; RESOURCE_EXHAUSTED: 4 are there;
// FAILED_PRECONDITION: the rollout has ended.
Status ApproveBy(RolloutRun& run, const v1::Approval& approval, const std::string& by,
                 const Turn& turn);
// A rollout that was not started is cancelled.
Status DenyBy(RolloutRun& run, const std::string& by, const Turn& turn);

// For an assignment of the rollout's own release.
void AddApprovals(const v1::Rollout& row, v1::Assignment& assignment);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_APPROVAL_H_
