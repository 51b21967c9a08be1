#ifndef FLOTILLA_ENGINE_WORKER_WORKER_H_
#define FLOTILLA_ENGINE_WORKER_WORKER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "engine/api/control_channel.h"
#include "engine/api/model_engine.h"
#include "flotilla/v1/engine.pb.h"

#include "engine/worker/engine_counters.h"
#include "engine/worker/event_mail.h"
#include "engine/worker/generation_queue.h"
#include "engine/worker/http_server.h"
#include "engine/worker/self_test.h"

namespace flotilla::engine {

// Loads what `command` names out of descriptors: the model, its adapters in order, then the chat
// template where there is one; as many as that makes.
using ModelLoader = std::function<StatusOr<std::unique_ptr<ModelEngine>>(
    std::vector<UniqueFd> files, const v1::EngineLoad& command)>;

// The child's whole life, as its agent commands it: load, then self-tests and serve in any order,
// then drain. Runs on the thread that calls Run; the endpoint, the queue and a self-test have
// threads of their own.
class Worker {
 public:
  static constexpr std::size_t kWaitingRequests = 64;

  // `clock` and `random` must outlive it.
  Worker(ControlChannel channel, ModelLoader loader, Clock& clock, Random& random);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // The process's exit code: 0 after a drain or when the agent closed the channel, 1 after
  // EngineFailed.
  int Run();

 private:
  enum class Step { kUnspecified = 0, kGoOn, kExit, kFailed };
  enum class Role { kUnspecified = 0, kCandidate, kServing };

  StatusOr<Step> RunOnce();
  Status Handle(ControlMessage& message);
  Status Load(const v1::EngineLoad& command, ControlMessage& message);
  Status SelfTest(const v1::EngineSelfTest& command, ControlMessage& message);
  StatusOr<SelfTestResult> TestWith(int golden, Duration timeout, const std::stop_token& stop);
  void ReportSelfTest(const StatusOr<SelfTestResult>& result, Role role);
  Status Serve(const v1::EngineServe& command, ControlMessage& message);
  Status Drain(const v1::EngineDrain& command);
  Status SendStats();
  // What the endpoint left for the agent.
  Status SendMail();
  Status Send(const v1::EngineEvent& event) const;
  Duration NextWait();
  void ReportFailure(const Status& status);

  ControlChannel channel_;
  ModelLoader loader_;
  Clock& clock_;
  Random& random_;
  EngineCounters counters_;
  EventMail mail_;
  v1::EngineLoad model_;
  // In the order of their needs.
  std::unique_ptr<ModelEngine> engine_;
  std::unique_ptr<GenerationQueue> queue_;
  std::unique_ptr<HttpServer> server_;
  std::jthread self_test_;
  // It has told the agent so already.
  std::atomic<bool> self_test_failed_ = false;
  bool draining_ = false;
  Duration next_stats_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_WORKER_H_
