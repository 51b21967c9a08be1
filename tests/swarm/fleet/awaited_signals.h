// The signals that a load generator is led by, waited for and not caught.
#ifndef FLOTILLA_TESTS_SWARM_FLEET_AWAITED_SIGNALS_H_
#define FLOTILLA_TESTS_SWARM_FLEET_AWAITED_SIGNALS_H_

#include <signal.h>

#include "base/time.h"

namespace flotilla::swarm {

// SIGTERM, SIGINT, SIGUSR1, SIGUSR2; to be blocked before the first thread starts.
sigset_t AwaitedSignals();

// The signal that came within `time`; 0: none.
int WaitForSignal(const sigset_t& awaited, Duration time);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_AWAITED_SIGNALS_H_
