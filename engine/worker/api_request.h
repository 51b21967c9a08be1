// The bodies of POST /v1/chat/completions and /v1/completions.
#ifndef FLOTILLA_ENGINE_WORKER_API_REQUEST_H_
#define FLOTILLA_ENGINE_WORKER_API_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

#include "engine/api/model_engine.h"

namespace flotilla::engine {

inline constexpr std::size_t kMaxBodyBytes = 1 << 20;
inline constexpr std::size_t kMaxMessages = 1024;
inline constexpr std::size_t kMaxStopStrings = 16;
inline constexpr std::size_t kMaxStopBytes = 256;

enum class ApiKind { kUnspecified = 0, kChat, kCompletion };
enum class Delivery { kUnspecified = 0, kWhole, kStream };
enum class UsageChunk { kUnspecified = 0, kNone, kSend };

struct ApiRequest {
  ApiKind kind = ApiKind::kUnspecified;
  // As the client wrote it; empty when it did not.
  std::string model;
  Prompt prompt;
  std::uint32_t max_tokens = 0;
  Sampling sampling;
  std::vector<std::string> stop;
  Delivery delivery = Delivery::kWhole;
  // A last chunk with the usage, when streaming.
  UsageChunk usage = UsageChunk::kNone;
};

// Fields that are not known are passed over, as OpenAI's own clients send many; fields that would
// change the answer and are not served (n > 1, tools, logprobs, JSON answers) are refused.
// INVALID_ARGUMENT with a sentence for the client. Pure.
StatusOr<ApiRequest> ParseApiRequest(std::string_view body, ApiKind kind);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_API_REQUEST_H_
