#include "engine/llama/prompt_pieces.h"

#include <string_view>
#include <utility>

namespace flotilla::engine {
namespace {

// Control characters that no template contains. No content is in the text they are looked for in,
// so nobody can forge one; roles are checked where requests are parsed.
constexpr char kOpen = '\x02';
constexpr char kClose = '\x03';

std::string Placeholder(std::size_t index) {
  return kOpen + std::to_string(index) + kClose;
}

void AddPiece(PieceOrigin origin, std::string_view text, std::vector<PromptPiece>& pieces) {
  if (!text.empty()) {
    pieces.push_back({origin, std::string(text)});
  }
}

}  // namespace

StatusOr<std::vector<PromptPiece>> CutPrompt(const std::vector<ChatMessage>& messages,
                                             const ApplyTemplate& apply) {
  if (messages.empty()) {
    return InvalidArgument("a conversation needs at least one message");
  }
  std::vector<ChatMessage> outline = messages;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    outline[i].content = Placeholder(i);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text, apply(outline));
  std::vector<PromptPiece> pieces;
  std::size_t position = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string placeholder = Placeholder(i);
    const std::size_t found = text.find(placeholder, position);
    if (found == std::string::npos) {
      return InvalidArgument("the model's chat template has no place for message " +
                             std::to_string(i) + " of role '" + messages[i].role + "'");
    }
    AddPiece(PieceOrigin::kTemplate, std::string_view(text).substr(position, found - position),
             pieces);
    AddPiece(PieceOrigin::kPerson, messages[i].content, pieces);
    position = found + placeholder.size();
  }
  AddPiece(PieceOrigin::kTemplate, std::string_view(text).substr(position), pieces);
  return pieces;
}

}  // namespace flotilla::engine
