// The agent's swap: the new engine serves the same sockets before the old one drains.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/engine/engine_process.h"
#include "tests/support/http_client.h"

namespace flotilla::test {
namespace {

constexpr char kBody[] =
    R"({"messages":[{"role":"user","content":"fan-1 temp=40C vib=1.0mm/s rpm=900 current=5A"}],)"
    R"("temperature":0,"max_tokens":12)";

enum class Habit { kNewConnections, kKeptConnections, kStreams };

// Asks without a pause until told to stop, and counts.
class Client {
 public:
  Client(std::uint16_t port, Habit habit)
      : port_(port), habit_(habit), thread_([this] { Run(); }) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { Stop(); }

  void Stop() {
    stop_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  int answered() const { return answered_; }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void Run() {
    StatusOr<HttpClient> client = Unavailable("not yet");
    while (!stop_) {
      if (!client.ok()) {
        client = HttpClient::ConnectTcp(port_);
      }
      const StatusOr<HttpAnswer> answer = Ask(client);
      if (!answer.ok() || answer->status != 200 || !Complete(*answer)) {
        failures_.push_back(answer.ok() ? answer->body : MessageOf(answer.status()));
      }
      ++answered_;
      const bool closes = !answer.ok() || answer->headers.at("connection") == "close";
      if (closes || habit_ == Habit::kNewConnections) {
        client = Unavailable("closed");
      }
    }
  }
  StatusOr<HttpAnswer> Ask(StatusOr<HttpClient>& client) const {
    FLOTILLA_RETURN_IF_ERROR(client.status());
    const std::string more = habit_ == Habit::kStreams ? R"(,"stream":true})" : "}";
    return client->Exchange("POST", "/v1/chat/completions", kBody + more);
  }
  bool Complete(const HttpAnswer& answer) const {
    return habit_ == Habit::kStreams ? answer.body.ends_with("data: [DONE]\n\n")
                                     : answer.body.find("\"usage\"") != std::string::npos;
  }

  std::uint16_t port_;
  Habit habit_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> answered_ = 0;
  std::vector<std::string> failures_;
  std::thread thread_;
};

StatusOr<EngineProcess> StartOn(int tcp, int sibling, const std::string& version) {
  FLOTILLA_ASSIGN_OR_RETURN(EngineProcess engine, EngineProcess::Start());
  FLOTILLA_RETURN_IF_ERROR(
      engine.Load("plant", version, DemoFile("plant-slm-v2-q8_0.gguf")).status());
  FLOTILLA_RETURN_IF_ERROR(engine.Serve({tcp}, sibling));
  return engine;
}

void WaitForAnswers(const std::vector<std::unique_ptr<Client>>& clients, int more) {
  for (const auto& client : clients) {
    const int until = client->answered() + more;
    while (client->answered() < until) {
      std::this_thread::yield();
    }
  }
}

TEST(EngineSwap, LosesNoRequestOfAnyClient) {
  auto listener = ListenTcp();
  ASSERT_TRUE(listener.ok());
  const int tcp = listener->first.get();
  auto sibling = ListenTcp();
  ASSERT_TRUE(sibling.ok());
  auto running = StartOn(tcp, sibling->first.get(), "0");
  ASSERT_TRUE(running.ok()) << running.status();
  std::vector<std::unique_ptr<Client>> clients;
  for (const Habit habit : {Habit::kNewConnections, Habit::kKeptConnections, Habit::kStreams}) {
    clients.push_back(std::make_unique<Client>(listener->second, habit));
  }
  for (int swap = 1; swap <= 4; ++swap) {
    WaitForAnswers(clients, 10);
    auto next = StartOn(tcp, sibling->first.get(), std::to_string(swap));
    ASSERT_TRUE(next.ok()) << next.status();
    ASSERT_TRUE(running->Drain(absl::Seconds(20)).ok());
    running->ReadToTheEnd();
    EXPECT_EQ(running->WaitForExit(), 0);
    *running = *std::move(next);
  }
  WaitForAnswers(clients, 10);
  for (const auto& client : clients) {
    client->Stop();
    EXPECT_GE(client->answered(), 50);
    EXPECT_EQ(client->failures(), std::vector<std::string>());
  }
}

}  // namespace
}  // namespace flotilla::test
