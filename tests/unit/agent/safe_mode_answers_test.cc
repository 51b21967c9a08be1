#include "agent/engine/safe_mode_answers.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_executor.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

using test::HttpClient;
using testing::HasSubstr;

class SafeModeAnswersTest : public ::testing::Test {
 protected:
  SafeModeAnswersTest() {
    auto listening = test::ListenTcp().value();
    tcp_ = std::move(listening.first);
    port_ = listening.second;
    MakeNonBlocking(tcp_);
  }
  static void MakeNonBlocking(const UniqueFd& fd) {
    ASSERT_EQ(0, ::fcntl(fd.get(), F_SETFL, O_NONBLOCK));
  }
  HttpClient Connect() const { return HttpClient::ConnectTcp(port_).value(); }

  FakeExecutor clock_;
  TempDir dir_;
  UniqueFd tcp_;
  std::uint16_t port_ = 0;
  SafeModeAnswers answers_{clock_};
};

TEST_F(SafeModeAnswersTest, SayWhyAndWhenToComeAgain) {
  ASSERT_EQ(OkStatus(), answers_.Serve({{tcp_.get()}}));
  const auto answer = Connect().Exchange("POST", "/v1/chat/completions", R"({"messages":[]})");
  ASSERT_EQ(OkStatus(), answer.status());
  EXPECT_EQ(503, answer->status);
  EXPECT_EQ("30", answer->headers.at("retry-after"));
  EXPECT_EQ("application/json", answer->headers.at("content-type"));
  EXPECT_THAT(answer->body, HasSubstr(R"("type":"unavailable_error")"));
  EXPECT_THAT(answer->body, HasSubstr("safe mode"));
}

TEST_F(SafeModeAnswersTest, ReachAClientThatSendsALongBody) {
  ASSERT_EQ(OkStatus(), answers_.Serve({{tcp_.get()}}));
  const auto answer = Connect().Exchange("POST", "/v1/completions", std::string(3 << 20, 'x'));
  ASSERT_EQ(OkStatus(), answer.status());
  EXPECT_EQ(503, answer->status);
}

TEST_F(SafeModeAnswersTest, ServeTheSocketOfALineToo) {
  const std::string path = (dir_.path() / "pump.sock").string();
  const UniqueFd line = test::ListenUnix(path).value();
  MakeNonBlocking(line);
  ASSERT_EQ(OkStatus(), answers_.Serve({{tcp_.get()}, {line.get()}}));
  EXPECT_EQ(503, HttpClient::ConnectUnix(path)->Exchange("GET", "/health")->status);
  EXPECT_EQ(503, Connect().Exchange("GET", "/v1/models")->status);
}

TEST_F(SafeModeAnswersTest, AnswerWhoIsConnectedWhenTheyEndAndNobodyAfterwards) {
  HttpClient waiting = Connect();
  ASSERT_EQ(OkStatus(), waiting.SendText("GET / HTTP/1.1\r\nHost:"));
  ASSERT_EQ(OkStatus(), answers_.Serve({{tcp_.get()}}));
  // The one behind it was answered, so the first was accepted.
  EXPECT_EQ(503, Connect().Exchange("GET", "/")->status);
  ASSERT_EQ(OkStatus(), answers_.Serve({}));
  EXPECT_EQ(503, waiting.ReadAnswer()->status);
  const HttpClient later = Connect();
  EXPECT_TRUE(UniqueFd(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC)).valid());
}

TEST_F(SafeModeAnswersTest, HoldNobodyWhoSaysNothing) {
  HttpClient silent = Connect();
  ASSERT_EQ(OkStatus(), answers_.Serve({{tcp_.get()}}));
  EXPECT_EQ(503, Connect().Exchange("GET", "/")->status);
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(503, silent.ReadAnswer()->status);
}

TEST_F(SafeModeAnswersTest, ManyClientsAtOnceAreAllAnswered) {
  std::vector<HttpClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(Connect());
    ASSERT_EQ(OkStatus(), clients.back().SendRequest("GET", "/"));
  }
  ASSERT_EQ(OkStatus(), answers_.Serve({{tcp_.get()}}));
  for (HttpClient& client : clients) {
    EXPECT_EQ(503, client.ReadAnswer()->status);
    client = HttpClient(UniqueFd());
  }
}

}  // namespace
}  // namespace flotilla::agent
