#ifndef FLOTILLA_ENGINE_WORKER_ENGINE_COUNTERS_H_
#define FLOTILLA_ENGINE_WORKER_ENGINE_COUNTERS_H_

#include <atomic>
#include <cstdint>

#include "engine/worker/busy_meter.h"

namespace flotilla::engine {

// What EngineStats tells. Counts only, nothing about what was asked. Thread-safe. The self-test's
// own prompts are not in it.
struct EngineCounters {
  std::atomic<std::uint64_t> requests_total = 0;
  // By the model's or our own fault; not a client's mistake, a full queue or a client gone.
  std::atomic<std::uint64_t> requests_failed = 0;
  std::atomic<std::uint64_t> requests_active = 0;
  std::atomic<std::uint64_t> tokens_decoded = 0;
  BusyMeter busy;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_ENGINE_COUNTERS_H_
