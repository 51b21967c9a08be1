#include "agent/app/parking_room.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "base/log.h"

namespace flotilla::agent {
namespace {

// Set once on the loop, waited for on the worker.
struct Gate {
  std::mutex mutex;
  std::condition_variable_any opened;
  bool open = false;
};

}  // namespace

ParkingRoom::ParkingRoom(Executor& loop, EngineSupervisor& supervisor,
                         LineMachine::FitsBeside fits_beside)
    : loop_(loop), supervisor_(supervisor), fits_beside_(std::move(fits_beside)) {}

Status ParkingRoom::Enter(const v1::InstalledRelease& candidate, const std::stop_token& stop) {
  if (fits_beside_(candidate)) {
    return OkStatus();
  }
  const std::string line = candidate.ref().line();
  LogInfo("engine.parked", {{"line", line}});
  const auto gate = std::make_shared<Gate>();
  parked_.insert(line);
  loop_.Post([&supervisor = supervisor_, line, gate] {
    supervisor.Park(line, [gate] {
      const std::scoped_lock lock(gate->mutex);
      gate->open = true;
      gate->opened.notify_all();
    });
  });
  std::unique_lock lock(gate->mutex);
  if (!gate->opened.wait(lock, stop, [&] { return gate->open; })) {
    lock.unlock();
    Leave(candidate);
    return Cancelled("the self-test was cancelled");
  }
  return OkStatus();
}

void ParkingRoom::Leave(const v1::InstalledRelease& candidate) {
  const std::string line = candidate.ref().line();
  if (parked_.erase(line) > 0) {
    loop_.Post([&supervisor = supervisor_, line] { supervisor.Unpark(line); });
  }
}

}  // namespace flotilla::agent
