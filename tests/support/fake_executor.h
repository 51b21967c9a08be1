#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_EXECUTOR_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_EXECUTOR_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"

namespace flotilla {

// Clock and Executor in one: time moves only by Advance. Starts at 2026-01-01T00:00:00Z.
class FakeExecutor final : public Clock, public Executor {
 public:
  FakeExecutor();

  Time Now() const override;
  Duration Monotonic() const override;

  void Post(Task task) override;
  TimerId PostAfter(Duration delay, Task task) override;
  void Cancel(TimerId timer) override;

  // Runs what was posted, and what that posts, until nothing is left; time stands still.
  void RunReady();
  // Moves time on by `duration`, firing timers in order of time and running all they post.
  void Advance(Duration duration);
  // A jump of the wall clock alone.
  void SetWallClock(Time now);

 private:
  bool RunOne();

  mutable std::mutex mutex_;
  Time wall_start_;
  Duration elapsed_;
  std::uint64_t next_timer_ = 1;
  std::deque<Task> ready_;
  std::map<std::pair<Duration, std::uint64_t>, Task> timers_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_EXECUTOR_H_
