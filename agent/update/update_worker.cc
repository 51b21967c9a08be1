#include "agent/update/update_worker.h"

#include <utility>

#include "base/log.h"

namespace flotilla::agent {
namespace {

// Carries progress from the worker's thread to the loop.
class PostingObserver final : public ota::UpdateObserver {
 public:
  PostingObserver(Executor& loop, UpdateWorkHandler& handler) : loop_(loop), handler_(handler) {}

  void OnState(v1::DeploymentState state, std::uint64_t bytes_fetched) override {
    loop_.Post(
        [&handler = handler_, state, bytes_fetched] { handler.OnProgress(state, bytes_fetched); });
  }

 private:
  Executor& loop_;
  UpdateWorkHandler& handler_;
};

}  // namespace

UpdateWorker::UpdateWorker(Executor& loop, UpdateSteps& steps)
    : loop_(loop), steps_(steps), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

UpdateWorker::~UpdateWorker() {
  Cancel();
  thread_.request_stop();
  thread_.join();
}

void UpdateWorker::Start(const v1::Assignment& assignment, ota::LineSlots& slots,
                         UpdateWorkHandler& handler) {
  auto stop = std::make_shared<std::stop_source>();
  {
    const std::scoped_lock lock(mutex_);
    current_ = stop;
  }
  Queue([this, assignment, &slots, &handler, stop] {
    PostingObserver observer(loop_, handler);
    ota::PrepareTrace trace;
    StatusOr<ota::PrepareResult> result =
        steps_.Prepare(assignment, slots, observer, trace, stop->get_token());
    loop_.Post([&handler, result = std::move(result), trace = std::move(trace)] {
      handler.OnPrepared(result, trace);
    });
  });
}

void UpdateWorker::Cancel() {
  const std::scoped_lock lock(mutex_);
  if (current_ != nullptr) {
    current_->request_stop();
  }
}

void UpdateWorker::CollectGarbage() {
  Queue([this] {
    if (const Status status = steps_.CollectGarbage(); !status.ok()) {
      LogStatus(LogLevel::kWarning, "store.collect_failed", status);
    }
  });
}

void UpdateWorker::Queue(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void UpdateWorker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace flotilla::agent
