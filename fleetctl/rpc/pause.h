#ifndef FLOTILLA_FLEETCTL_RPC_PAUSE_H_
#define FLOTILLA_FLEETCTL_RPC_PAUSE_H_

#include <chrono>

namespace flotilla::fleetctl {

// Before another try. Blocking; nothing wakes it early.
void Pause(std::chrono::milliseconds length);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_RPC_PAUSE_H_
