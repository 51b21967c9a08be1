#ifndef FLOTILLA_BASE_LOOP_THREAD_H_
#define FLOTILLA_BASE_LOOP_THREAD_H_

#include <thread>

#include "base/asio_executor.h"
#include "base/executor.h"

namespace flotilla {

// An executor with its thread. Tasks that did not run when it stops are dropped with it.
class LoopThread {
 public:
  LoopThread() : thread_([this] { executor_.Run(); }) {}
  ~LoopThread() { Stop(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  Executor& executor() { return executor_; }
  void Stop() {
    if (thread_.joinable()) {
      executor_.Stop();
      thread_.join();
    }
  }

 private:
  AsioExecutor executor_;
  std::thread thread_;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_LOOP_THREAD_H_
