#include "agent/app/enrol_loop.h"

#include <algorithm>

#include "base/backoff.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr Duration kRefusedRetry = absl::Seconds(60);

bool CanRecover(const Status& status) {
  return status.code() != StatusCode::kInvalidArgument &&
         status.code() != StatusCode::kFailedPrecondition;
}

}  // namespace

StatusOr<Identity> EnrolUntil(const sigset_t& ends, const EnrolmentOptions& options,
                              EnrolmentClient& client, DurableFs& fs, Random& random) {
  Backoff backoff({absl::Seconds(1), absl::Seconds(60)}, random);
  while (true) {
    StatusOr<Identity> identity = EnsureEnrolled(options, client, fs, random);
    if (identity.ok() || !CanRecover(identity.status())) {
      return identity;
    }
    const bool refused = identity.status().code() == StatusCode::kUnauthenticated;
    const Duration delay = refused ? kRefusedRetry : backoff.Next();
    LogStatus(refused ? LogLevel::kError : LogLevel::kWarning, "enrolment.failed",
              identity.status());
    const timespec wait = absl::ToTimespec(delay);
    if (::sigtimedwait(&ends, nullptr, &wait) > 0) {
      return Cancelled("stopped before the device was enrolled");
    }
  }
}

}  // namespace flotilla::agent
