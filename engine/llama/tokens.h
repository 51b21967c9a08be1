#ifndef FLOTILLA_ENGINE_LLAMA_TOKENS_H_
#define FLOTILLA_ENGINE_LLAMA_TOKENS_H_

#include <string_view>

#include "base/status.h"

#include "engine/api/model_engine.h"
#include "engine/llama/llama_ptr.h"
#include "engine/llama/prompt_pieces.h"

namespace flotilla::engine {

// Appends the tokens of `text`. Control tokens are recognised in the template's text only.
// INVALID_ARGUMENT: too long for libllama.
Status AppendTokens(const llama_vocab* vocabulary, std::string_view text, PieceOrigin origin,
                    TokenIds& tokens);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_TOKENS_H_
