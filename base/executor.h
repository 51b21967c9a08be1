#ifndef FLOTILLA_BASE_EXECUTOR_H_
#define FLOTILLA_BASE_EXECUTOR_H_

#include <functional>

#include "base/strong_id.h"
#include "base/time.h"

namespace flotilla {

struct TimerTag {};
using TimerId = StrongNumber<TimerTag>;

// Port: one thread that runs tasks one after another, in the order posted. Tasks never block.
// Post, PostAfter and Cancel are thread-safe. Real: AsioExecutor. Fake: FakeExecutor, whose
// Advance(d) fires timers in order of time.
class Executor {
 public:
  using Task = std::function<void()>;

  virtual ~Executor() = default;
  virtual void Post(Task task) = 0;
  // Runs `task` once, no earlier than `delay` from now. The id names it for Cancel.
  virtual TimerId PostAfter(Duration delay, Task task) = 0;
  // The task does not run any more, unless it already started. Unknown ids are ignored.
  virtual void Cancel(TimerId timer) = 0;

 protected:
  Executor() = default;
  Executor(const Executor&) = default;
  Executor& operator=(const Executor&) = default;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_EXECUTOR_H_
