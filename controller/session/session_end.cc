#include "controller/session/session_end.h"

#include "flotilla/v1/failure_reason.pb.h"

#include "base/retry_after.h"

namespace flotilla::controller {
namespace {

constexpr Duration kRestart = absl::Seconds(2);
constexpr Duration kPerson = absl::Seconds(300);
constexpr Duration kSameAgain = absl::Seconds(60);
constexpr Duration kStore = absl::Seconds(10);

}  // namespace

Status GoesDown() {
  return WithRetryAfter(Unavailable("the controller restarts"), kRestart);
}

Status HeldByTwoMachines() {
  return WithRetryAfter(
      WithReason(AlreadyExists("two machines hold this identity: enrol one of them again"),
                 v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY),
      kPerson);
}

Status BeyondLimits(const Status& broken) {
  return WithRetryAfter(broken, kSameAgain);
}

Status StoreFailed(const Status& failed) {
  return WithRetryAfter(failed, kStore);
}

}  // namespace flotilla::controller
