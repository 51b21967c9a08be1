#ifndef FLOTILLA_ENGINE_LLAMA_SAMPLER_CHAIN_H_
#define FLOTILLA_ENGINE_LLAMA_SAMPLER_CHAIN_H_

#include <cstdint>

#include "base/status.h"

#include "engine/api/model_engine.h"
#include "engine/llama/llama_ptr.h"

namespace flotilla::engine {

// The samplers of one request, in llama-server's order: penalties, top_k, top_p, min_p,
// temperature, choice. `vocabulary`: number of tokens. INTERNAL: libllama made none.
StatusOr<LlamaSamplerPtr> MakeSamplerChain(const Sampling& sampling, std::uint32_t vocabulary);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_SAMPLER_CHAIN_H_
