#ifndef FLOTILLA_ENGINE_WORKER_API_HANDLER_H_
#define FLOTILLA_ENGINE_WORKER_API_HANDLER_H_

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/random.h"

#include "engine/worker/answered_ids.h"
#include "engine/worker/api_request.h"
#include "engine/worker/api_response.h"
#include "engine/worker/connection.h"
#include "engine/worker/engine_counters.h"
#include "engine/worker/event_mail.h"
#include "engine/worker/generation_queue.h"
#include "engine/worker/http_text.h"
#include "engine/worker/model_routes.h"
#include "engine/worker/outcome_request.h"

namespace flotilla::engine {

// What is served at which path, see docs/local-api.md: /health, /v1/models, /v1/chat/completions,
// /v1/completions, /v1/outcome, all but the first also without /v1. Bad JSON is 400, an unknown
// model or answer 404, an answer that was marked before 409, a full queue 429 with Retry-After.
// What the agent may know of a request goes into `mail`. io_context's thread only; everything given
// must outlive it.
class ApiHandler {
 public:
  ApiHandler(GenerationQueue& queue, ModelRoutes routes, EngineCounters& counters, EventMail& mail,
             Clock& clock, Random& random);

  void Handle(const std::shared_ptr<Connection>& connection, const HttpRequest& request);

 private:
  void HandleQuestion(const std::shared_ptr<Connection>& connection, const HttpRequest& request,
                      ApiKind kind);
  void HandleOutcome(const std::shared_ptr<Connection>& connection, const HttpRequest& request);
  // Notes the mark of an answer of this engine.
  HttpReply Mark(const OutcomeRequest& outcome);
  AnswerHead MakeHead(ApiKind kind);

  GenerationQueue& queue_;
  const ModelRoutes routes_;
  EngineCounters& counters_;
  EventMail& mail_;
  Clock& clock_;
  Random& random_;
  const std::int64_t created_;
  AnsweredIds answered_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_API_HANDLER_H_
