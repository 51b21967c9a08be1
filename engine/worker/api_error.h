// Errors as OpenAI clients expect them.
#ifndef FLOTILLA_ENGINE_WORKER_API_ERROR_H_
#define FLOTILLA_ENGINE_WORKER_API_ERROR_H_

#include <cstdint>
#include <string>

#include "base/status.h"

namespace flotilla::engine {

struct ApiError {
  // HTTP status.
  unsigned status = 500;
  // "invalid_request_error", "unavailable_error", ...
  std::string type;
  std::string message;
  // Seconds; 0: no Retry-After.
  unsigned retry_after = 0;
  // For exceed_context_size_error only.
  std::uint32_t prompt_tokens = 0;
  std::uint32_t context_tokens = 0;
};

ApiError BadRequest(const std::string& message);
ApiError ModelNotFound(const std::string& model);
ApiError PathNotFound(const std::string& path);
ApiError MethodNotAllowed();
ApiError ContextExceeded(std::uint32_t prompt_tokens, std::uint32_t context_tokens);
ApiError AnswerNotFound(const std::string& id);
ApiError AlreadyMarked(const std::string& id);
ApiError NoAnswer(const std::string& message);
// By the code: INVALID_ARGUMENT 400, RESOURCE_EXHAUSTED 429, UNAVAILABLE 503, all others 500.
ApiError FromStatus(const Status& status);

// {"error":{"code","message","type",...}}
std::string ErrorBody(const ApiError& error);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_API_ERROR_H_
