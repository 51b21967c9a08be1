#include "engine/worker/static_engine.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flotilla::engine {
namespace {

constexpr std::uint32_t kAnyLength = std::uint32_t{1} << 24;

std::size_t WordsIn(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char letter : text) {
    const bool blank = letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r';
    words += !blank && !inside ? 1U : 0U;
    inside = !blank;
  }
  return words;
}

}  // namespace

StaticEngine::StaticEngine(std::string answer) : answer_(std::move(answer)) {
  info_.engine_version = "static";
  info_.context_tokens = kAnyLength;
  info_.trained_context_tokens = kAnyLength;
}

StatusOr<TokenIds> StaticEngine::Tokenise(const Prompt& prompt) const {
  std::size_t words = 0;
  if (const auto* const messages = std::get_if<std::vector<ChatMessage>>(&prompt)) {
    for (const ChatMessage& message : *messages) {
      words += WordsIn(message.content);
    }
  } else {
    words = WordsIn(std::get<std::string>(prompt));
  }
  return TokenIds(std::max<std::size_t>(words, 1), 0);
}

StatusOr<Generation> StaticEngine::Generate(const GenerateRequest& request, const PieceSink& sink,
                                            const std::stop_token& stop) {
  Generation generation;
  generation.finish = FinishReason::kStop;
  generation.prompt_tokens = static_cast<std::uint32_t>(request.prompt.size());
  const std::string_view answer = answer_;
  for (std::size_t position = 0; position < answer.size();) {
    if (stop.stop_requested()) {
      return Cancelled("stopped");
    }
    const std::size_t blank = answer.find(' ', position);
    const std::size_t end = blank == std::string_view::npos ? answer.size() : blank + 1;
    sink(answer.substr(position, end - position));
    ++generation.completion_tokens;
    position = end;
  }
  return generation;
}

}  // namespace flotilla::engine
