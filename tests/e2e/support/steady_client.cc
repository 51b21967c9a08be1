#include "tests/e2e/support/steady_client.h"

#include <chrono>
#include <utility>

#include "tests/e2e/support/http.h"
#include "tests/e2e/support/site.h"

namespace flotilla::e2e {

SteadyClient::SteadyClient(std::string url)
    : url_(std::move(url)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void SteadyClient::Stop() {
  thread_.request_stop();
  thread_.join();
}

void SteadyClient::Run(const std::stop_token& stop) {
  HttpOptions options;
  options.body = ChatBody(kLine, kQuestion);
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    const HttpResult result = HttpCall(url_ + "/v1/chat/completions", options);
    if (!result.error.empty() || result.status != 200 || ChatAnswer(result.body).empty()) {
      failures_.push_back(result.error + " " + std::to_string(result.status) + " " + result.body);
    } else {
      ++answered_;
    }
    next += std::chrono::milliseconds(20);
    std::this_thread::sleep_until(next);
  }
}

}  // namespace flotilla::e2e
