#ifndef FLOTILLA_AGENT_SESSION_FLIGHT_H_
#define FLOTILLA_AGENT_SESSION_FLIGHT_H_

#include <condition_variable>
#include <mutex>

namespace flotilla::agent {

// Calls and streams whose end gRPC has not told yet. Thread-safe.
class Flight {
 public:
  void Begin() {
    const std::scoped_lock lock(mutex_);
    ++count_;
  }
  void End() {
    const std::scoped_lock lock(mutex_);
    --count_;
    over_.notify_all();
  }
  // Until every one that began has ended.
  void Wait() {
    std::unique_lock lock(mutex_);
    over_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  int count_ = 0;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_FLIGHT_H_
