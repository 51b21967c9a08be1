#include "engine/llama/sampler_chain.h"

namespace flotilla::engine {
namespace {

constexpr std::int32_t kPenaltyTokens = 64;

}  // namespace

StatusOr<LlamaSamplerPtr> MakeSamplerChain(const Sampling& sampling, std::uint32_t vocabulary) {
  LlamaSamplerPtr chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
  if (chain == nullptr) {
    return Internal("libllama made no sampler");
  }
  if (sampling.presence_penalty != 0.0F || sampling.frequency_penalty != 0.0F) {
    llama_sampler_chain_add(
        chain.get(),
        llama_sampler_init_penalties(static_cast<std::int32_t>(vocabulary), kPenaltyTokens, 1.0F,
                                     sampling.frequency_penalty, sampling.presence_penalty));
  }
  if (!(sampling.temperature > 0.0F)) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_greedy());
    return chain;
  }
  if (sampling.top_k > 0) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(sampling.top_k));
  }
  if (sampling.top_p < 1.0F) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(sampling.top_p, 1));
  }
  if (sampling.min_p > 0.0F) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_min_p(sampling.min_p, 1));
  }
  llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(sampling.temperature));
  llama_sampler_chain_add(chain.get(),
                          llama_sampler_init_dist(sampling.seed.value_or(LLAMA_DEFAULT_SEED)));
  return chain;
}

}  // namespace flotilla::engine
