// What a model's header tells a publisher about the devices it fits.
#ifndef FLOTILLA_ENGINE_GGUF_MODEL_FACTS_H_
#define FLOTILLA_ENGINE_GGUF_MODEL_FACTS_H_

#include <cstdint>
#include <string>

#include "engine/gguf/gguf_reader.h"

namespace flotilla::gguf {

struct ModelFacts {
  // How its weights are stored, by general.file_type: "q8_0"; empty when it does not say.
  std::string quantisation;
  // What it was trained with, tokens; 0 when it does not say.
  std::uint64_t trained_context = 0;
  // Of the key-value cache with 16-bit entries; 0 when the header does not tell (recurrent models,
  // heads that differ from layer to layer).
  std::uint64_t context_bytes_per_token = 0;
};

// Pure; never fails: what cannot be told is left out.
ModelFacts ReadModelFacts(const Header& header);

}  // namespace flotilla::gguf

#endif  // FLOTILLA_ENGINE_GGUF_MODEL_FACTS_H_
