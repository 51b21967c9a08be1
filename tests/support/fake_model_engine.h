#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_MODEL_ENGINE_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_MODEL_ENGINE_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/api/model_engine.h"

namespace flotilla::test {

// A model of one token a byte whose answer to a prompt is what `answer` says, a piece a word. It
// can be held in the middle of an answer. Thread-safe.
class FakeModelEngine final : public engine::ModelEngine {
 public:
  using Answer = std::function<std::string(const std::string& prompt)>;

  // The default answers "Echo on " and the last message.
  explicit FakeModelEngine(Answer answer = nullptr);

  // Each answer waits behind its first piece until Release, or until its stop token says so.
  void Hold();
  void Release();
  // The answers that have begun since the start.
  int begun() const;

  const engine::ModelInfo& info() const override { return info_; }
  StatusOr<engine::TokenIds> Tokenise(const engine::Prompt& prompt) const override;
  StatusOr<engine::Generation> Generate(const engine::GenerateRequest& request,
                                        const engine::PieceSink& sink,
                                        const std::stop_token& stop) override;

 private:
  bool WaitUntilReleased(const std::stop_token& stop);

  Answer answer_;
  engine::ModelInfo info_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool held_ = false;
  int begun_ = 0;
};

}  // namespace flotilla::test

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_MODEL_ENGINE_H_
