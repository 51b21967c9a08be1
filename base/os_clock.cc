#include "base/os_clock.h"

#include <chrono>

#include "absl/time/time.h"

namespace flotilla {

Time OsClock::Now() const {
  return absl::FromChrono(std::chrono::system_clock::now());
}

Duration OsClock::Monotonic() const {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace flotilla
