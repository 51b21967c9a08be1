#include "engine/worker/api_error.h"

#include <boost/json.hpp>

namespace flotilla::engine {

ApiError BadRequest(const std::string& message) {
  return {.status = 400, .type = "invalid_request_error", .message = message};
}

ApiError ModelNotFound(const std::string& model) {
  return {.status = 404,
          .type = "model_not_found",
          .message = "there is no model '" + model.substr(0, 128) + "' on this device"};
}

ApiError PathNotFound(const std::string& path) {
  return {.status = 404,
          .type = "not_found_error",
          .message = "nothing is served at " + path.substr(0, 128)};
}

ApiError MethodNotAllowed() {
  return {.status = 405, .type = "invalid_request_error", .message = "this method is not served"};
}

ApiError ContextExceeded(std::uint32_t prompt_tokens, std::uint32_t context_tokens) {
  return {.status = 400,
          .type = "exceed_context_size_error",
          .message = "the prompt has " + std::to_string(prompt_tokens) +
                     " tokens and leaves no room in a context of " + std::to_string(context_tokens),
          .prompt_tokens = prompt_tokens,
          .context_tokens = context_tokens};
}

ApiError AnswerNotFound(const std::string& id) {
  return {.status = 404,
          .type = "answer_not_found",
          .message = "there is no answer '" + id.substr(0, 128) +
                     "' to mark: it is too old, or the engine that made it is gone"};
}

ApiError AlreadyMarked(const std::string& id) {
  return {.status = 409,
          .type = "already_marked",
          .message = "the answer '" + id.substr(0, 128) + "' was marked before"};
}

ApiError NoAnswer(const std::string& message) {
  return {.status = 503, .type = "unavailable_error", .message = message, .retry_after = 1};
}

ApiError FromStatus(const Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
      return BadRequest(MessageOf(status));
    case StatusCode::kResourceExhausted:
      return {.status = 429,
              .type = "rate_limit_exceeded",
              .message = MessageOf(status),
              .retry_after = 1};
    case StatusCode::kUnavailable:
      return NoAnswer(MessageOf(status));
    default:
      return {.status = 500, .type = "server_error", .message = MessageOf(status)};
  }
}

std::string ErrorBody(const ApiError& error) {
  boost::json::object inner = {
      {"code", error.status}, {"message", error.message}, {"type", error.type}};
  if (error.context_tokens != 0) {
    inner["n_prompt_tokens"] = error.prompt_tokens;
    inner["n_ctx"] = error.context_tokens;
  }
  return boost::json::serialize(boost::json::object{{"error", std::move(inner)}});
}

}  // namespace flotilla::engine
