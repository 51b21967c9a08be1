#include "agent/engine/memory_fit.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kFixedBytes = std::uint64_t{64} << 20;

}  // namespace

std::uint64_t EngineBytes(std::uint64_t model_bytes) {
  return model_bytes + model_bytes / 4 + kFixedBytes;
}

bool FitsIntoMemory(std::uint64_t model_bytes, const MemoryState& state) {
  const std::uint64_t need = EngineBytes(model_bytes);
  // Two at once count against the budget as well.
  const bool in_budget = state.budget_bytes == 0 || 2 * need <= state.budget_bytes;
  return in_budget && need <= state.available_bytes;
}

}  // namespace flotilla::agent
