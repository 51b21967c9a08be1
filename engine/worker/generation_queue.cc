#include "engine/worker/generation_queue.h"

#include <utility>

namespace flotilla::engine {

GenerationQueue::GenerationQueue(ModelEngine& engine, std::size_t capacity)
    : engine_(engine),
      capacity_(capacity),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

GenerationQueue::~GenerationQueue() {
  Stop();
}

void GenerationQueue::Stop() {
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    running_.request_stop();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  std::deque<GenerationJob> left;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    left.swap(waiting_);
  }
  for (GenerationJob& job : left) {
    job.sink->OnDone(Cancelled("the engine ends"));
  }
}

Status GenerationQueue::Submit(GenerationJob job, Admission admission) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      return Cancelled("the engine ends");
    }
    if (admission == Admission::kClient && waiting_.size() >= capacity_) {
      return ResourceExhausted("too many requests wait already: try again later");
    }
    waiting_.push_back(std::move(job));
  }
  changed_.notify_one();
  return OkStatus();
}

void GenerationQueue::Run(const std::stop_token& stop) {
  for (;;) {
    GenerationJob job;
    std::stop_source running;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); }) ||
          stop.stop_requested()) {
        return;
      }
      job = std::move(waiting_.front());
      waiting_.pop_front();
      running_ = running;
    }
    // The job ends by its client's wish or with the queue.
    const std::stop_callback forward(job.stop, [&running] { running.request_stop(); });
    job.stop = running.get_token();
    job.sink->OnDone(Answer(job));
  }
}

StatusOr<Generation> GenerationQueue::Answer(GenerationJob& job) {
  if (job.stop.stop_requested()) {
    return Cancelled("stopped before it began");
  }
  FLOTILLA_ASSIGN_OR_RETURN(job.request.prompt, engine_.Tokenise(job.prompt));
  job.sink->OnTokenised(static_cast<std::uint32_t>(job.request.prompt.size()));
  if (job.request.prompt.size() >= engine_.info().context_tokens) {
    return Status(StatusCode::kOutOfRange, "the prompt leaves no room in the context");
  }
  return engine_.Generate(
      job.request, [&job](std::string_view piece) { job.sink->OnPiece(piece); }, job.stop);
}

}  // namespace flotilla::engine
