#include "tests/support/fake_executor.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace flotilla {

FakeExecutor::FakeExecutor()
    : wall_start_(absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone())),
      elapsed_(absl::ZeroDuration()) {}

Time FakeExecutor::Now() const {
  const std::lock_guard lock(mutex_);
  return wall_start_ + elapsed_;
}

Duration FakeExecutor::Monotonic() const {
  const std::lock_guard lock(mutex_);
  return elapsed_;
}

void FakeExecutor::Post(Task task) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(task));
}

TimerId FakeExecutor::PostAfter(Duration delay, Task task) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_timer_++;
  timers_.emplace(std::pair(elapsed_ + std::max(delay, absl::ZeroDuration()), id), std::move(task));
  return TimerId(id);
}

void FakeExecutor::Cancel(TimerId timer) {
  const std::lock_guard lock(mutex_);
  std::erase_if(timers_,
                [timer](const auto& entry) { return entry.first.second == timer.value(); });
}

bool FakeExecutor::RunOne() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    if (ready_.empty()) {
      return false;
    }
    task = std::move(ready_.front());
    ready_.pop_front();
  }
  task();
  return true;
}

void FakeExecutor::RunReady() {
  while (RunOne()) {
  }
}

void FakeExecutor::Advance(Duration duration) {
  RunReady();
  const Duration end = Monotonic() + duration;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (timers_.empty() || timers_.begin()->first.first > end) {
        elapsed_ = end;
        break;
      }
      elapsed_ = timers_.begin()->first.first;
      ready_.push_back(std::move(timers_.begin()->second));
      timers_.erase(timers_.begin());
    }
    RunReady();
  }
}

void FakeExecutor::SetWallClock(Time now) {
  const std::lock_guard lock(mutex_);
  wall_start_ = now - elapsed_;
}

}  // namespace flotilla
