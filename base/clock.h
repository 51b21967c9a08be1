#ifndef FLOTILLA_BASE_CLOCK_H_
#define FLOTILLA_BASE_CLOCK_H_

#include "base/time.h"

namespace flotilla {

// Port: what time it is. Thread-safe. Real: OsClock. Fake: FakeExecutor
// (tests/support/fake_executor.h).
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock. May jump both ways; on a device without RTC it may be 1970.
  virtual Time Now() const = 0;
  // Never goes back, goes on during a wall-clock jump; only differences mean anything.
  virtual Duration Monotonic() const = 0;

 protected:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_CLOCK_H_
