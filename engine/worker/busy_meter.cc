#include "engine/worker/busy_meter.h"

namespace flotilla::engine {

void BusyMeter::Begin(Duration now) {
  const std::lock_guard lock(mutex_);
  if (active_++ == 0) {
    since_ = now;
  }
}

void BusyMeter::End(Duration now) {
  const std::lock_guard lock(mutex_);
  if (--active_ == 0) {
    total_ += now - since_;
  }
}

Duration BusyMeter::Total(Duration now) const {
  const std::lock_guard lock(mutex_);
  return active_ == 0 ? total_ : total_ + (now - since_);
}

}  // namespace flotilla::engine
