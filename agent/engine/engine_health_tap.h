#ifndef FLOTILLA_AGENT_ENGINE_ENGINE_HEALTH_TAP_H_
#define FLOTILLA_AGENT_ENGINE_ENGINE_HEALTH_TAP_H_

#include <cstdint>

#include "agent/condition/process_probe.h"
#include "agent/engine/engine_health_sink.h"

namespace flotilla::agent {

// Who hears of the engines' health, and what it is measured with. Without a sink nothing is
// measured; without a probe neither memory nor who killed an engine is known.
struct EngineHealthTap {
  EngineHealthSink* sink = nullptr;
  const ProcessProbe* processes = nullptr;
  // What models may use; 0: memory is not told.
  std::uint64_t memory_budget_bytes = 0;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_ENGINE_HEALTH_TAP_H_
