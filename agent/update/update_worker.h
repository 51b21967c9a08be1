#ifndef FLOTILLA_AGENT_UPDATE_UPDATE_WORKER_H_
#define FLOTILLA_AGENT_UPDATE_UPDATE_WORKER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "agent/update/update_work.h"
#include "base/executor.h"

namespace flotilla::agent {

// Port: what the worker's thread does; blocking. Real: ReleaseUpdater (agent/app).
class UpdateSteps {
 public:
  virtual ~UpdateSteps() = default;
  // As ota::UpdateRunner::Prepare.
  virtual StatusOr<ota::PrepareResult> Prepare(const v1::Assignment& assignment,
                                               ota::LineSlots& slots, ota::UpdateObserver& observer,
                                               ota::PrepareTrace& trace,
                                               const std::stop_token& stop) = 0;
  virtual Status CollectGarbage() = 0;

 protected:
  UpdateSteps() = default;
  UpdateSteps(const UpdateSteps&) = default;
  UpdateSteps& operator=(const UpdateSteps&) = default;
};

// UpdateWork on a thread of its own, which lives as long as this object. `loop` and `steps` must
// outlive it. The destructor cancels and waits for the step in progress.
class UpdateWorker final : public UpdateWork {
 public:
  UpdateWorker(Executor& loop, UpdateSteps& steps);
  ~UpdateWorker() override;
  UpdateWorker(const UpdateWorker&) = delete;
  UpdateWorker& operator=(const UpdateWorker&) = delete;

  void Start(const v1::Assignment& assignment, ota::LineSlots& slots,
             UpdateWorkHandler& handler) override;
  void Cancel() override;
  void CollectGarbage() override;

  using Job = std::function<void()>;
  // Runs `job` on the worker's thread, after what was queued before.
  void Queue(Job job);

 private:
  void Run(const std::stop_token& stop);

  Executor& loop_;
  UpdateSteps& steps_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  std::shared_ptr<std::stop_source> current_;
  std::jthread thread_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_UPDATE_UPDATE_WORKER_H_
