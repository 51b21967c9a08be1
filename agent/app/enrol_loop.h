#ifndef FLOTILLA_AGENT_APP_ENROL_LOOP_H_
#define FLOTILLA_AGENT_APP_ENROL_LOOP_H_

#include <signal.h>

#include "agent/enrol/enrolment.h"

namespace flotilla::agent {

// EnsureEnrolled with full-jitter backoff until it succeeds; a refused token is tried again,
// slowly; a request that waits for a person is asked about as often as the controller says. Blocks,
// before the agent's loop runs. CANCELLED: one of the blocked signals `ends` came. INVALID_ARGUMENT
// (the configuration or the token cannot be right) is returned at once.
StatusOr<Identity> EnrolUntil(const sigset_t& ends, const EnrolmentOptions& options,
                              const EnrolmentParts& parts);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_ENROL_LOOP_H_
