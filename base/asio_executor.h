#ifndef FLOTILLA_BASE_ASIO_EXECUTOR_H_
#define FLOTILLA_BASE_ASIO_EXECUTOR_H_

#include <memory>

#include "base/executor.h"

namespace flotilla {

// Executor over a Boost.Asio io_context. Thread-safe but for Run, which one thread calls.
class AsioExecutor final : public Executor {
 public:
  AsioExecutor();
  ~AsioExecutor() override;
  AsioExecutor(const AsioExecutor&) = delete;
  AsioExecutor& operator=(const AsioExecutor&) = delete;

  void Post(Task task) override;
  TimerId PostAfter(Duration delay, Task task) override;
  void Cancel(TimerId timer) override;

  // Runs tasks on the calling thread until Stop.
  void Run();
  // Run returns after the task in progress; tasks not yet started are dropped with the executor.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_ASIO_EXECUTOR_H_
