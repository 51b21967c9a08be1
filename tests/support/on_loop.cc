#include "tests/support/on_loop.h"

#include <future>
#include <thread>

#include "base/os_clock.h"

namespace flotilla {

void RunOn(Executor& loop, const std::function<void()>& task) {
  std::promise<void> done;
  loop.Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool AwaitOn(Executor& loop, const std::function<bool()>& condition) {
  const OsClock clock;
  const Duration end = clock.Monotonic() + absl::Seconds(30);
  bool met = false;
  while (!met && clock.Monotonic() < end) {
    RunOn(loop, [&] { met = condition(); });
    std::this_thread::yield();
  }
  return met;
}

}  // namespace flotilla
