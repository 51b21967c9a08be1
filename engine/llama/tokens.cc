#include "engine/llama/tokens.h"

#include <cstdint>
#include <limits>

namespace flotilla::engine {

Status AppendTokens(const llama_vocab* vocabulary, std::string_view text, PieceOrigin origin,
                    TokenIds& tokens) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    return InvalidArgument("the prompt is too long");
  }
  const bool parse_special = origin == PieceOrigin::kTemplate;
  // One token is at least one byte, but for what a tokeniser puts in front.
  TokenIds part(text.size() + 2);
  const std::int32_t count =
      llama_tokenize(vocabulary, text.data(), static_cast<std::int32_t>(text.size()), part.data(),
                     static_cast<std::int32_t>(part.size()), /*add_special=*/false, parse_special);
  if (count < 0) {
    return InvalidArgument("the prompt does not tokenise");
  }
  tokens.insert(tokens.end(), part.begin(), part.begin() + count);
  return OkStatus();
}

}  // namespace flotilla::engine
