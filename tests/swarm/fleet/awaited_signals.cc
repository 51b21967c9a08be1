#include "tests/swarm/fleet/awaited_signals.h"

#include <algorithm>
#include <ctime>

namespace flotilla::swarm {

sigset_t AwaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGUSR2);
  return signals;
}

int WaitForSignal(const sigset_t& awaited, Duration time) {
  const std::timespec limit = absl::ToTimespec(time);
  return std::max(0, sigtimedwait(&awaited, nullptr, &limit));
}

}  // namespace flotilla::swarm
