#ifndef FLOTILLA_ENGINE_WORKER_HTTP_SERVER_H_
#define FLOTILLA_ENGINE_WORKER_HTTP_SERVER_H_

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "base/unique_fd.h"

#include "engine/worker/engine_counters.h"
#include "engine/worker/event_mail.h"
#include "engine/worker/generation_queue.h"
#include "engine/worker/model_routes.h"

namespace flotilla::engine {

struct HttpServerParts {
  GenerationQueue& queue;
  EngineCounters& counters;
  EventMail& mail;
  Clock& clock;
  Random& random;
};

// The endpoint: accepts on listening sockets that others own too (the engine before this one and
// the one after it), on a thread of its own. Thread-safe.
class HttpServer {
 public:
  static constexpr std::size_t kMaxConnections = 400;

  // Starts to serve. `tcp` and `sibling` are listening sockets; they are made non-blocking. What is
  // in `parts` must outlive the server. FAILED_PRECONDITION: a descriptor does not listen.
  static StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerParts& parts,
                                                     ModelRoutes routes, std::vector<UniqueFd> tcp,
                                                     UniqueFd sibling);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Closes all connections at once and stops the queue.
  ~HttpServer();

  // Stops accepting; what waits in the sockets' backlog is left to the next engine. Each open
  // connection gets the answers under way and one more, with Connection: close. After `grace`
  // connections without a request are closed; answers under way finish. Calls after the first are
  // ignored.
  void Drain(Duration grace);
  // After Drain: nothing is open any more.
  bool drained() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_HTTP_SERVER_H_
