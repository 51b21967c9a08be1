#include "tests/support/fake_model_engine.h"

#include <utility>

namespace flotilla::test {

FakeModelEngine::FakeModelEngine(Answer answer) : answer_(std::move(answer)) {
  if (!answer_) {
    answer_ = [](const std::string& prompt) { return "Echo on " + prompt; };
  }
  info_.engine_version = "fake";
  info_.parameters = 1;
  info_.context_tokens = 64;
  info_.trained_context_tokens = 64;
  info_.vocabulary = 256;
}

void FakeModelEngine::Hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeModelEngine::Release() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  changed_.notify_all();
}

int FakeModelEngine::begun() const {
  const std::lock_guard lock(mutex_);
  return begun_;
}

StatusOr<engine::TokenIds> FakeModelEngine::Tokenise(const engine::Prompt& prompt) const {
  const auto* const messages = std::get_if<std::vector<engine::ChatMessage>>(&prompt);
  const std::string& text =
      messages == nullptr ? std::get<std::string>(prompt) : messages->back().content;
  return engine::TokenIds(text.begin(), text.end());
}

bool FakeModelEngine::WaitUntilReleased(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++begun_;
  return changed_.wait(lock, stop, [this] { return !held_; });
}

StatusOr<engine::Generation> FakeModelEngine::Generate(const engine::GenerateRequest& request,
                                                       const engine::PieceSink& sink,
                                                       const std::stop_token& stop) {
  const std::string answer = answer_(std::string(request.prompt.begin(), request.prompt.end()));
  engine::Generation generation;
  generation.finish = engine::FinishReason::kStop;
  generation.prompt_tokens = static_cast<std::uint32_t>(request.prompt.size());
  std::size_t position = 0;
  while (position < answer.size()) {
    const std::size_t end = std::min(answer.find(' ', position), answer.size() - 1) + 1;
    sink(std::string_view(answer).substr(position, end - position));
    position = end;
    if (++generation.completion_tokens == 1 && !WaitUntilReleased(stop)) {
      return Cancelled("stopped");
    }
  }
  return generation;
}

}  // namespace flotilla::test
