// The bodies of answers, in the forms that OpenAI clients and llama-server's clients read.
#ifndef FLOTILLA_ENGINE_WORKER_API_RESPONSE_H_
#define FLOTILLA_ENGINE_WORKER_API_RESPONSE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

#include "engine/api/model_engine.h"
#include "engine/worker/api_request.h"

namespace flotilla::engine {

// What all bodies of one answer share.
struct AnswerHead {
  ApiKind kind = ApiKind::kUnspecified;
  // "chatcmpl-…"
  std::string id;
  // Seconds since 1970.
  std::int64_t created = 0;
  std::string model;
};

// The answer in one piece, with usage and timings.
std::string WholeBody(const AnswerHead& head, std::string_view text, const Generation& generation);

// Server-sent events, each complete with "data: " and the empty line. In order: the opening (the
// assistant's role; empty for completions), pieces, the closing (finish_reason, timings), the usage
// when asked for, the end.
std::string OpeningEvent(const AnswerHead& head);
std::string PieceEvent(const AnswerHead& head, std::string_view piece);
std::string ClosingEvent(const AnswerHead& head, const Generation& generation);
std::string UsageEvent(const AnswerHead& head, const Generation& generation);
std::string EndEvent();
// For what goes wrong after the first event: an event that holds the error's body.
std::string ErrorEvent(std::string_view error_body);

// GET /v1/models: the own model first.
std::string ModelsBody(const std::string& own_id, const ModelInfo& info,
                       const std::vector<std::string>& sibling_ids, std::int64_t created);

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_API_RESPONSE_H_
