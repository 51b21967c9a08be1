// A client that never stops asking notices nothing of an update.

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/http.h"

namespace flotilla::e2e {
namespace {

// Sends a request every 20 ms until it is told to stop, and keeps every failure.
class SteadyClient {
 public:
  explicit SteadyClient(std::string url)
      : url_(std::move(url)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

  void Stop() {
    thread_.request_stop();
    thread_.join();
  }
  int answered() const { return answered_; }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void Run(const std::stop_token& stop) {
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

  std::string url_;
  std::atomic<int> answered_ = 0;
  std::vector<std::string> failures_;  // read after Stop
  std::jthread thread_;
};

class Swap : public FleetTest {};

TEST_F(Swap, RefusesAndFailsNoRequestOfAClientThatAsksEvery20Milliseconds) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"steady"}));
  Device* const device = devices_["steady"];
  Must(site_.Push("2.0.0", kModelV2, 90));

  SteadyClient client(device->Url());
  ASSERT_TRUE(Eventually([&] { return client.answered() > 20; }));
  const int before = client.answered();
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  EXPECT_TRUE(Eventually([&] { return site_.Runs("steady") == "2.0.0"; })) << site_.Why("steady");
  const int during = client.answered();
  EXPECT_TRUE(Eventually([&] { return client.answered() > during + 20; }));
  client.Stop();

  EXPECT_EQ(client.failures(), std::vector<std::string>());
  EXPECT_GT(client.answered(), before);
  EXPECT_EQ(device->Ask(kLine, kQuestion).substr(0, 11), "Overheating");
  std::printf("%d requests answered across the swap, %zu failed\n", client.answered(),
              client.failures().size());
}

}  // namespace
}  // namespace flotilla::e2e
