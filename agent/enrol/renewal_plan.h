// When a device renews its certificate: pure.
#ifndef FLOTILLA_AGENT_ENROL_RENEWAL_PLAN_H_
#define FLOTILLA_AGENT_ENROL_RENEWAL_PLAN_H_

#include "base/backoff.h"
#include "base/random.h"
#include "base/time.h"

namespace flotilla::agent {

// The moment for a certificate of these dates: two thirds of its life, and uniformly up to a
// twelfth of its life later, so that devices which were enrolled together do not renew together.
Time RenewalTime(Time not_before, Time not_after, Random& random);

// Between failed tries: from a hundredth of the life (at most a minute) up to a twentieth of it (at
// most six hours), so that many tries fit into the third of the life that is left.
BackoffOptions RenewalBackoff(Time not_before, Time not_after);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_RENEWAL_PLAN_H_
