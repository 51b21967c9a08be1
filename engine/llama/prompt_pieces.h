// Cuts a templated conversation into the template's text and the people's text, because only the
// former may become control tokens.
#ifndef FLOTILLA_ENGINE_LLAMA_PROMPT_PIECES_H_
#define FLOTILLA_ENGINE_LLAMA_PROMPT_PIECES_H_

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

#include "engine/api/model_engine.h"

namespace flotilla::engine {

enum class PieceOrigin { kUnspecified = 0, kTemplate, kPerson };

struct PromptPiece {
  PieceOrigin origin = PieceOrigin::kUnspecified;
  std::string text;

  friend bool operator==(const PromptPiece&, const PromptPiece&) = default;
};

// Puts messages into a chat template and ends with the opening of the assistant's answer.
using ApplyTemplate = std::function<StatusOr<std::string>(const std::vector<ChatMessage>&)>;

// The template is applied to placeholders in place of the contents; the pieces are what stands
// between them and the contents themselves. Empty pieces are left out.
// INVALID_ARGUMENT: no messages, or the template drops one of them; else as `apply`.
StatusOr<std::vector<PromptPiece>> CutPrompt(const std::vector<ChatMessage>& messages,
                                             const ApplyTemplate& apply);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_LLAMA_PROMPT_PIECES_H_
