#ifndef FLOTILLA_CONTROLLER_SESSION_RECONNECT_PACE_H_
#define FLOTILLA_CONTROLLER_SESSION_RECONNECT_PACE_H_

#include <cstddef>

#include "base/time.h"

namespace flotilla::controller {

// How many full TLS handshakes a second so many cores do with room for the rest of their work
// (docs/capacity.md).
double SafeHandshakeRate(unsigned cores);

// Over how long so many devices spread when they come back together; at least 5 s.
Duration ReconnectSpread(std::size_t sessions, double handshakes_per_second);

// Whether a device that was told `told` has to hear of `wanted`: the spread grew by a quarter, or
// half of it would do. A device that connected while the fleet was small would come back too soon.
bool IsOutdatedSpread(Duration told, Duration wanted);

// Over how long a controller that goes down closes so many sessions, so that the replicas beside it
// take them at a rate they can; at most `limit`, and no time at all for a few.
Duration DrainWindow(std::size_t sessions, double handshakes_per_second, Duration limit);

// How many of `sessions` are to be closed `elapsed` after a drain began: evenly over `window`.
std::size_t ClosedBy(std::size_t sessions, Duration elapsed, Duration window);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_RECONNECT_PACE_H_
