#ifndef FLOTILLA_ENGINE_WORKER_GENERATION_QUEUE_H_
#define FLOTILLA_ENGINE_WORKER_GENERATION_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include "base/status.h"

#include "engine/api/model_engine.h"

namespace flotilla::engine {

// Port: who gets an answer as it grows. All calls come from the queue's thread, in this order:
// OnTokenised once unless tokenising failed, OnPiece any number of times, OnDone once. They must
// not block.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  AnswerSink(const AnswerSink&) = delete;
  AnswerSink& operator=(const AnswerSink&) = delete;

  virtual void OnTokenised(std::uint32_t prompt_tokens) = 0;
  virtual void OnPiece(std::string_view piece) = 0;
  // OUT_OF_RANGE: the prompt leaves no room in the context. Others as ModelEngine.
  virtual void OnDone(const StatusOr<Generation>& result) = 0;

 protected:
  AnswerSink() = default;
};

struct GenerationJob {
  Prompt prompt;
  // Its `prompt` is filled in by the queue.
  GenerateRequest request;
  std::stop_token stop;
  std::shared_ptr<AnswerSink> sink;
};

enum class Admission {
  kUnspecified = 0,
  // Refused when the queue is full.
  kClient,
  // Never refused: for the self-test.
  kInternal,
};

// Answers one job after another on a thread of its own, in the order submitted. Thread-safe.
class GenerationQueue {
 public:
  // `engine` must outlive the queue. `capacity`: jobs that may wait beside the one that runs.
  GenerationQueue(ModelEngine& engine, std::size_t capacity);
  GenerationQueue(const GenerationQueue&) = delete;
  GenerationQueue& operator=(const GenerationQueue&) = delete;
  ~GenerationQueue();

  // Stops the job that runs; those that wait end with CANCELLED. When it
  // returns no sink is called or held any more. Idempotent.
  void Stop();

  // RESOURCE_EXHAUSTED: the queue is full; CANCELLED: it was stopped. The sink is not called then.
  Status Submit(GenerationJob job, Admission admission);
  const ModelInfo& model() const { return engine_.info(); }

 private:
  void Run(const std::stop_token& stop);
  StatusOr<Generation> Answer(GenerationJob& job);

  ModelEngine& engine_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<GenerationJob> waiting_;
  bool stopped_ = false;
  // Of the job that runs, for the destructor.
  std::stop_source running_;
  std::jthread thread_;
};

}  // namespace flotilla::engine

#endif  // FLOTILLA_ENGINE_WORKER_GENERATION_QUEUE_H_
