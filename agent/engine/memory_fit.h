#ifndef FLOTILLA_AGENT_ENGINE_MEMORY_FIT_H_
#define FLOTILLA_AGENT_ENGINE_MEMORY_FIT_H_

#include <cstdint>

namespace flotilla::agent {

struct MemoryState {
  std::uint64_t available_bytes = 0;  // what the system can give without swapping
  std::uint64_t budget_bytes = 0;     // what a model may use on this device; 0: no such limit
};

// Bytes an engine with weights (model and adapters) of this size needs beside its context.
std::uint64_t EngineBytes(std::uint64_t weight_bytes);

// True when one more such engine fits.
bool FitsIntoMemory(std::uint64_t weight_bytes, const MemoryState& state);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_MEMORY_FIT_H_
