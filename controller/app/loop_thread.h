#ifndef FLOTILLA_CONTROLLER_APP_LOOP_THREAD_H_
#define FLOTILLA_CONTROLLER_APP_LOOP_THREAD_H_

#include <thread>

#include "base/asio_executor.h"
#include "base/executor.h"

namespace flotilla::controller {

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

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_LOOP_THREAD_H_
