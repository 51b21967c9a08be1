#include "fleetctl/rpc/pause.h"

#include <condition_variable>
#include <mutex>

namespace flotilla::fleetctl {

void Pause(std::chrono::milliseconds length) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, length, [] { return false; });
}

}  // namespace flotilla::fleetctl
