// The endpoint over a model that can be held in the middle of an answer.

#include "engine/worker/http_server.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/os_clock.h"
#include "base/os_random.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/http_client.h"

namespace flotilla::engine {
namespace {

constexpr char kBody[] = R"({"prompt":"hello there"})";

class HeldEndpoint : public ::testing::Test {
 protected:
  static constexpr std::size_t kQueue = 1;

  void SetUp() override {
    auto listener = test::ListenTcp();
    ASSERT_TRUE(listener.ok()) << listener.status();
    port_ = listener->second;
    std::vector<UniqueFd> tcp;
    tcp.push_back(std::move(listener->first));
    auto server = HttpServer::Start({queue_, counters_, mail_, clock_, random_},
                                    ModelRoutes("pump", "pump@1", {}), std::move(tcp), UniqueFd());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
  }
  // The server stops the queue, so it goes first.
  void TearDown() override { server_.reset(); }

  test::HttpClient Asking(const std::string& body = kBody) const {
    test::HttpClient client = *test::HttpClient::ConnectTcp(port_);
    EXPECT_TRUE(client.SendRequest("POST", "/v1/completions", body).ok());
    return client;
  }
  template <typename Condition>
  static void WaitUntil(const Condition& condition) {
    while (!condition()) {
      std::this_thread::yield();
    }
  }

  test::FakeModelEngine model_;
  OsClock clock_;
  OsRandom random_;
  EngineCounters counters_;
  EventMail mail_;
  GenerationQueue queue_{model_, kQueue};
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HeldEndpoint, AnswersWith429WhenTheQueueIsFull) {
  model_.Hold();
  test::HttpClient running = Asking();
  WaitUntil([&] { return model_.begun() == 1; });
  test::HttpClient waiting = Asking();
  WaitUntil([&] { return counters_.requests_active == 2; });
  test::HttpClient refused = Asking();
  const auto answer = refused.ReadAnswer();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->headers.at("retry-after"), "1");
  model_.Release();
  EXPECT_EQ(running.ReadAnswer()->status, 200);
  EXPECT_EQ(waiting.ReadAnswer()->status, 200);
  EXPECT_EQ(counters_.requests_failed, 0U);
}

TEST_F(HeldEndpoint, StopsTheAnswerOfAClientThatWentAway) {
  model_.Hold();
  {
    const test::HttpClient leaving = Asking();
    WaitUntil([&] { return model_.begun() == 1; });
  }
  // It is still held: only its stop token can have ended it.
  WaitUntil([&] { return counters_.requests_active == 0; });
  model_.Release();
  EXPECT_EQ(Asking().ReadAnswer()->status, 200);
}

TEST_F(HeldEndpoint, SendsPiecesBeforeTheAnswerIsComplete) {
  model_.Hold();
  test::HttpClient client = Asking(R"({"prompt":"hello there","stream":true})");
  std::string seen;
  while (seen.find("Echo ") == std::string::npos) {
    const auto some = client.ReadSome();
    ASSERT_TRUE(some.ok() && !some->empty());
    seen += *some;
  }
  EXPECT_EQ(seen.find("[DONE]"), std::string::npos);
  model_.Release();
  while (seen.find("[DONE]") == std::string::npos) {
    const auto some = client.ReadSome();
    ASSERT_TRUE(some.ok() && !some->empty());
    seen += *some;
  }
}

TEST_F(HeldEndpoint, FinishesAnswersUnderWayWhenItDrains) {
  model_.Hold();
  test::HttpClient client = Asking();
  WaitUntil([&] { return model_.begun() == 1; });
  server_->Drain(absl::ZeroDuration());
  model_.Release();
  const auto answer = client.ReadAnswer();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("connection"), "close");
  EXPECT_EQ(client.ReadSome().value_or("more"), "");
}

TEST_F(HeldEndpoint, AnswersRequestsThatWereSentAtOnceInTheirOrder) {
  test::HttpClient client = *test::HttpClient::ConnectTcp(port_);
  const std::string get = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                           std::to_string(sizeof(kBody) - 1) + "\r\n\r\n" + kBody;
  ASSERT_TRUE(client.SendText(post + get + post).ok());
  EXPECT_NE(client.ReadAnswer()->body.find("Echo on hello there"), std::string::npos);
  EXPECT_EQ(client.ReadAnswer()->body, R"({"status":"ok"})");
  EXPECT_NE(client.ReadAnswer()->body.find("Echo on hello there"), std::string::npos);
}

std::string IdOf(const std::string& body) {
  const std::size_t begin = body.find("\"id\":\"") + 6;
  return body.substr(begin, body.find('"', begin) - begin);
}

std::string OutcomeOf(const std::string& id) {
  return R"({"id":")" + id + R"(","outcome":"solved"})";
}

TEST_F(HeldEndpoint, TellsTheAgentOfAnswersAloneAndNothingOfWhatTheySay) {
  model_.Hold();
  {
    const test::HttpClient leaving = Asking();
    WaitUntil([&] { return model_.begun() == 1; });
  }
  WaitUntil([&] { return counters_.requests_active == 0; });
  model_.Release();
  EXPECT_TRUE(mail_.Take().empty());
  EXPECT_EQ(Asking("{").ReadAnswer()->status, 400);
  EXPECT_EQ(Asking(R"({"prompt":"a secret"})").ReadAnswer()->status, 200);
  const auto events = mail_.Take();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].request_done().tokens(), 4U);
  EXPECT_EQ(events[0].SerializeAsString().find("secret"), std::string::npos);
}

TEST_F(HeldEndpoint, TakesOneOutcomeForEachAnswerItGave) {
  const auto mark = [&](const std::string& body, const std::string& path = "/v1/outcome") {
    return test::HttpClient::ConnectTcp(port_)->Exchange("POST", path, body).value();
  };
  const std::string id = IdOf(Asking().ReadAnswer()->body);
  const auto marked = mark(OutcomeOf(id));
  EXPECT_EQ(marked.status, 200);
  EXPECT_EQ(marked.body, R"({"id":")" + id + R"(","object":"outcome","outcome":"solved"})");
  const auto again = mark(OutcomeOf(id), "/outcome");
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find("already_marked"), std::string::npos);
  const auto unknown = mark(OutcomeOf("cmpl-1"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("answer_not_found"), std::string::npos);
  EXPECT_EQ(mark("{}").status, 400);
  EXPECT_EQ(test::HttpClient::ConnectTcp(port_)->Exchange("GET", "/v1/outcome")->status, 405);
  const auto events = mail_.Take();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[0].has_request_done());
  EXPECT_TRUE(events[1].outcome().solved());
}

TEST_F(HeldEndpoint, KnowsAnAnswerThatWasStreamedOnceItIsComplete) {
  model_.Hold();
  test::HttpClient client = Asking(R"({"prompt":"hello there","stream":true})");
  std::string seen;
  while (seen.find("Echo ") == std::string::npos) {
    seen += client.ReadSome().value();
  }
  const auto mark = [&] {
    return test::HttpClient::ConnectTcp(port_)
        ->Exchange("POST", "/v1/outcome", OutcomeOf(IdOf(seen)))
        ->status;
  };
  EXPECT_EQ(mark(), 404);
  model_.Release();
  while (seen.find("[DONE]") == std::string::npos) {
    seen += client.ReadSome().value();
  }
  EXPECT_EQ(mark(), 200);
}

TEST_F(HeldEndpoint, AsksForTheBodyOfAClientThatWaitsForIt) {
  test::HttpClient client = *test::HttpClient::ConnectTcp(port_);
  ASSERT_TRUE(client
                  .SendText("POST /v1/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                            "Content-Length: " +
                            std::to_string(sizeof(kBody) - 1) + "\r\n\r\n")
                  .ok());
  EXPECT_EQ(client.ReadSome().value_or(""), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.SendText(kBody).ok());
  EXPECT_EQ(client.ReadAnswer()->status, 200);
}

}  // namespace
}  // namespace flotilla::engine
