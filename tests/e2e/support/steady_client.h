#ifndef FLOTILLA_TESTS_E2E_SUPPORT_STEADY_CLIENT_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_STEADY_CLIENT_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace flotilla::e2e {

// Asks an endpoint ("http://127.0.0.1:PORT") every 20 ms until it is told to stop, and keeps every
// failure.
class SteadyClient {
 public:
  explicit SteadyClient(std::string url);

  void Stop();
  int answered() const { return answered_; }
  // After Stop.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void Run(const std::stop_token& stop);

  std::string url_;
  std::atomic<int> answered_ = 0;
  std::vector<std::string> failures_;
  std::jthread thread_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_STEADY_CLIENT_H_
