#ifndef FLOTILLA_ENGINE_WORKER_STATIC_ENGINE_H_
#define FLOTILLA_ENGINE_WORKER_STATIC_ENGINE_H_

#include <stop_token>
#include <string>

#include "base/status.h"
#include "engine/api/model_engine.h"

namespace flotilla::engine {

// A ModelEngine without a model: it answers every prompt with the same text, whole, word by word as
// a stream. A token is a word. Errors: none but CANCELLED.
class StaticEngine final : public ModelEngine {
 public:
  // `answer` is not empty.
  explicit StaticEngine(std::string answer);

  const ModelInfo& info() const override { return info_; }
  StatusOr<TokenIds> Tokenise(const Prompt& prompt) const override;
  StatusOr<Generation> Generate(const GenerateRequest& request, const PieceSink& sink,
                                const std::stop_token& stop) override;

 private:
  const std::string answer_;
  ModelInfo info_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_STATIC_ENGINE_H_
