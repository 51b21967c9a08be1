#ifndef FLOTILLA_ENGINE_WORKER_API_HANDLER_H_
#define FLOTILLA_ENGINE_WORKER_API_HANDLER_H_

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/random.h"

#include "engine/worker/api_request.h"
#include "engine/worker/api_response.h"
#include "engine/worker/connection.h"
#include "engine/worker/engine_counters.h"
#include "engine/worker/generation_queue.h"
#include "engine/worker/model_routes.h"

namespace flotilla::engine {

// What is served at which path, see engine.md D.7: /health, /v1/models, /v1/chat/completions,
// /v1/completions, the latter three also without /v1. Bad JSON is 400, an unknown model 404, a full
// queue 429 with Retry-After. io_context's thread only; everything given must outlive it.
class ApiHandler {
 public:
  ApiHandler(GenerationQueue& queue, ModelRoutes routes, EngineCounters& counters, Clock& clock,
             Random& random);

  void Handle(const std::shared_ptr<Connection>& connection, const HttpRequest& request);

 private:
  void HandleQuestion(const std::shared_ptr<Connection>& connection, const HttpRequest& request,
                      ApiKind kind);
  AnswerHead MakeHead(ApiKind kind);

  GenerationQueue& queue_;
  const ModelRoutes routes_;
  EngineCounters& counters_;
  Clock& clock_;
  Random& random_;
  const std::int64_t created_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_API_HANDLER_H_
