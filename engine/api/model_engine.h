// What the endpoint and the self-test need from a language model.
#ifndef FLOTILLA_ENGINE_API_MODEL_ENGINE_H_
#define FLOTILLA_ENGINE_API_MODEL_ENGINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::engine {

using TokenIds = std::vector<std::int32_t>;

struct ChatMessage {
  // "system", "user", "assistant", "tool".
  std::string role;
  std::string content;
};

// A conversation, put into the model's own chat template, or plain text to be continued.
using Prompt = std::variant<std::vector<ChatMessage>, std::string>;

struct Sampling {
  // 0 or less: greedy, the other fields but the penalties are then without effect.
  float temperature = 0.8F;
  // 0: off.
  std::int32_t top_k = 40;
  // 1: off.
  float top_p = 0.95F;
  // 0: off.
  float min_p = 0.05F;
  // -2 to 2; 0: off.
  float presence_penalty = 0.0F;
  float frequency_penalty = 0.0F;
  // Without one, every run differs.
  std::optional<std::uint32_t> seed;
};

struct GenerateRequest {
  TokenIds prompt;
  // 0: until the model ends its answer or the context is full.
  std::uint32_t max_tokens = 0;
  Sampling sampling;
  // Generation ends before any of these; they do not become part of the answer. None is empty.
  std::vector<std::string> stop;
};

enum class FinishReason { kUnspecified = 0, kStop, kLength };

struct Generation {
  FinishReason finish = FinishReason::kUnspecified;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
  // Until the first token was chosen, and from there to the end.
  Duration prompt_time;
  Duration decode_time;
};

struct ModelInfo {
  // "0.5.0".
  std::string engine_version;
  std::uint64_t parameters = 0;
  std::uint64_t size_bytes = 0;
  // What one request may use, prompt and answer together.
  std::uint32_t context_tokens = 0;
  std::uint32_t trained_context_tokens = 0;
  std::uint32_t vocabulary = 0;
};

// Text of the answer as it grows: whole UTF-8 characters, never empty.
using PieceSink = std::function<void(std::string_view piece)>;

// Port: one loaded model. Real: LlamaEngine. Fake: FakeModelEngine (tests/support).
class ModelEngine {
 public:
  virtual ~ModelEngine() = default;
  ModelEngine(const ModelEngine&) = delete;
  ModelEngine& operator=(const ModelEngine&) = delete;

  // Thread-safe.
  virtual const ModelInfo& info() const = 0;
  // Only the template's own text can become control tokens: what people write is plain text, also
  // when it looks like one. Thread-safe. INVALID_ARGUMENT: the model has no chat template that is
  // known, or the prompt is empty.
  virtual StatusOr<TokenIds> Tokenise(const Prompt& prompt) const = 0;
  // Answers one prompt in an empty context. Blocking (up to minutes); one call at a time. `sink` is
  // called on the same thread. Greedy answers are the same at every call.
  // Errors: INVALID_ARGUMENT the prompt leaves no room in the context; CANCELLED `stop` was
  // requested, noticed within tens of milliseconds; INTERNAL the model failed. The engine stays
  // usable after each.
  virtual StatusOr<Generation> Generate(const GenerateRequest& request, const PieceSink& sink,
                                        const std::stop_token& stop) = 0;

 protected:
  ModelEngine() = default;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_API_MODEL_ENGINE_H_
