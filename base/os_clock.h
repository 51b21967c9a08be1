#ifndef FLOTILLA_BASE_OS_CLOCK_H_
#define FLOTILLA_BASE_OS_CLOCK_H_

#include "base/clock.h"

namespace flotilla {

// std::chrono's system and steady clocks (so that a faked libc clock is seen). Thread-safe.
class OsClock final : public Clock {
 public:
  Time Now() const override;
  Duration Monotonic() const override;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_CLOCK_H_
