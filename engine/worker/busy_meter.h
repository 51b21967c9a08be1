#ifndef FLOTILLA_ENGINE_WORKER_BUSY_METER_H_
#define FLOTILLA_ENGINE_WORKER_BUSY_METER_H_

#include <cstdint>
#include <mutex>

#include "base/time.h"

namespace flotilla::engine {

// Time in which at least one request was under way. Times are monotonic. Thread-safe.
class BusyMeter {
 public:
  void Begin(Duration now);
  // One End for each Begin.
  void End(Duration now);
  // So far; rises while a request is under way.
  Duration Total(Duration now) const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t active_ = 0;
  Duration since_;  // of active_ > 0
  Duration total_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_BUSY_METER_H_
