#include "agent/app/enrol_loop.h"

#include <algorithm>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/backoff.h"
#include "base/log.h"
#include "base/retry_after.h"

namespace flotilla::agent {
namespace {

constexpr Duration kRefusedRetry = absl::Seconds(60);

bool Refuses(const Status& status) {
  return status.code() == StatusCode::kUnauthenticated ||
         status.code() == StatusCode::kPermissionDenied;
}

Duration Delay(const Status& status, Duration retry_after, Backoff& backoff) {
  if (ReasonNumber(status) == v1::FAILURE_REASON_CONTROL_WAITING_FOR_APPROVAL) {
    return retry_after;
  }
  return std::max(Refuses(status) ? kRefusedRetry : backoff.Next(),
                  RetryAfterOf(status).value_or(absl::ZeroDuration()));
}

bool CanRecover(const Status& status) {
  return status.code() != StatusCode::kInvalidArgument &&
         status.code() != StatusCode::kFailedPrecondition;
}

}  // namespace

StatusOr<Identity> EnrolUntil(const sigset_t& ends, const EnrolmentOptions& options,
                              const EnrolmentParts& parts) {
  Backoff backoff({absl::Seconds(1), absl::Seconds(60)}, parts.random);
  while (true) {
    Duration retry_after;
    StatusOr<Identity> identity = EnsureEnrolled(options, parts, retry_after);
    if (identity.ok() || !CanRecover(identity.status())) {
      return identity;
    }
    const bool refused = Refuses(identity.status());
    const Duration delay = Delay(identity.status(), retry_after, backoff);
    LogStatus(refused ? LogLevel::kError : LogLevel::kWarning, "enrolment.failed",
              identity.status());
    const timespec wait = absl::ToTimespec(delay);
    if (::sigtimedwait(&ends, nullptr, &wait) > 0) {
      return Cancelled("stopped before the device was enrolled");
    }
  }
}

}  // namespace flotilla::agent
