#include "agent/engine/memory_fit.h"

#include "ota/format/pick_variant.h"

namespace flotilla::agent {

std::uint64_t EngineBytes(std::uint64_t weight_bytes) {
  return ota::EngineMemory(weight_bytes, 0);
}

bool FitsIntoMemory(std::uint64_t weight_bytes, const MemoryState& state) {
  const std::uint64_t need = EngineBytes(weight_bytes);
  // Two at once count against the budget as well.
  const bool in_budget = state.budget_bytes == 0 || 2 * need <= state.budget_bytes;
  return in_budget && need <= state.available_bytes;
}

}  // namespace flotilla::agent
