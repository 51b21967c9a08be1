// Messages and flow control.

#include "controller/wire/h2_server.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/grpc_frames.h"
#include "tests/unit/controller/wire/h2_pair.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxMessage = std::size_t{64} * 1024;

class H2MessagesTest : public H2Pair {
 protected:
  // Reads until nothing comes; how many messages.
  int ReadAll(std::int32_t id) {
    int messages = 0;
    while (true) {
      server_->Read(id);
      Talk();
      const Lines lines = events_.Take();
      if (lines.empty()) {
        return messages;
      }
      messages += static_cast<int>(lines.size());
    }
  }
};

TEST_F(H2MessagesTest, ComeInPiecesOfAnySize) {
  const std::int32_t id = Call();
  events_.Take();
  const std::string wire = GrpcFrame("one") + GrpcFrame("") + GrpcFrame("three");
  Lines heard;
  for (const char byte : wire) {
    server_->Read(id);
    client_->Send(id, {&byte, 1});
    Talk();
    for (std::string& line : events_.Take()) {
      heard.push_back(std::move(line));
    }
  }
  EXPECT_EQ(heard, (Lines{"1 says one", "1 says ", "1 says three"}));
}

TEST_F(H2MessagesTest, AreGivenOnlyAsTheyAreAskedFor) {
  const std::int32_t id = Call();
  client_->Send(id, GrpcFrame("one") + GrpcFrame("two") + GrpcFrame("three"));
  client_->End(id);
  Talk();
  EXPECT_EQ(events_.Take(), Lines{"1 calls /a"});
  for (const std::string line : {"1 says one", "1 says two", "1 says three", "1 says no more"}) {
    server_->Read(id);
    Talk();
    EXPECT_EQ(events_.Take(), Lines{line});
    Talk();
    EXPECT_EQ(events_.Take(), Lines{});
  }
}

TEST_F(H2MessagesTest, AReadBeforeTheMessageIsAnsweredWhenItComes) {
  const std::int32_t id = Call();
  server_->Read(id);
  Talk();
  EXPECT_EQ(events_.Take(), Lines{"1 calls /a"});
  client_->Send(id, GrpcFrame("one") + GrpcFrame("two"));
  Talk();
  EXPECT_EQ(events_.Take(), Lines{"1 says one"});
}

TEST_F(H2MessagesTest, AreFollowedByTheHalfClose) {
  const std::int32_t id = Call();
  server_->Read(id);
  client_->End(id);
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 says no more"}));
  server_->Finish(id, OkStatus());
  Talk();
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "0");
}

TEST_F(H2MessagesTest, ThatNobodyReadsAreHeldBackByFlowControl) {
  const std::int32_t held = Call("/held");
  const std::int32_t other = Call("/other");
  events_.Take();
  const std::string frame = GrpcFrame(std::string(1000, 'x'));
  for (int i = 0; i < 200; ++i) {
    client_->Send(held, frame);
  }
  Talk();
  EXPECT_EQ(client_->unsent(held), 200 * frame.size() - 65535);
  EXPECT_EQ(client_->answer(held).window_updates, 0);
  // Another call is not held back by it.
  for (int i = 0; i < 200; ++i) {
    client_->Send(other, frame);
  }
  EXPECT_EQ(ReadAll(other), 200);
  EXPECT_EQ(client_->unsent(other), 0U);
  EXPECT_EQ(client_->unsent(held), 200 * frame.size() - 65535);
  EXPECT_EQ(ReadAll(held), 200);
  EXPECT_EQ(client_->unsent(held), 0U);
  EXPECT_GT(client_->answer(held).window_updates, 0);
}

TEST_F(H2MessagesTest, LargerThanTheWindowCome) {
  const std::int32_t id = Call();
  events_.Take();
  std::string message(kMaxMessage, 'x');
  message[0] = 'a';
  message[kMaxMessage - 1] = 'z';
  client_->Send(id, GrpcFrame(message));
  Talk();
  EXPECT_EQ(client_->unsent(id), 0U);
  server_->Read(id);
  Talk();
  EXPECT_EQ(events_.last_message(), message);
}

TEST_F(H2MessagesTest, OverTheLimitEndTheCall) {
  const std::int32_t id = Call();
  server_->Read(id);
  client_->Send(id, GrpcFrame(std::string(kMaxMessage + 1, 'x')));
  Talk();
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "8");
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 is gone"}));
  EXPECT_EQ(server_->calls(), 0U);
}

TEST_F(H2MessagesTest, ThatAreCompressedEndTheCall) {
  const std::int32_t id = Call();
  server_->Read(id);
  client_->Send(id, std::string("\1\0\0\0\1x", 6));
  Talk();
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "12");
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 is gone"}));
}

TEST_F(H2MessagesTest, ThatAreBadEndACallThatHasAnswered) {
  const std::int32_t id = Call();
  server_->Write(id, {"hello", nullptr});
  Talk();
  client_->Send(id, std::string("\1\0\0\0\1x", 6));
  Talk();
  EXPECT_EQ(client_->answer(id).body, GrpcFrame("hello"));
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "12");
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 was written", "1 is gone"}));
}

// The call was over before its user could have heard of it.
TEST_F(H2MessagesTest, ThatAreBadFromTheStartMakeNoCall) {
  const std::int32_t id = client_->Request("/a");
  client_->Send(id, std::string("\1\0\0\0\1x", 6));
  Talk();
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "12");
  EXPECT_EQ(events_.Take(), Lines{});
}

// gRPC's servers answer INTERNAL; a session that was cut must not look like one that was closed.
TEST_F(H2MessagesTest, CutShortByTheHalfCloseEndTheCall) {
  const std::int32_t id = Call();
  server_->Read(id);
  client_->Send(id, GrpcFrame("whole") + GrpcFrame("cut short").substr(0, 9));
  client_->End(id);
  Talk();
  EXPECT_EQ(events_.Take(), (Lines{"1 calls /a", "1 says whole"}));
  server_->Read(id);
  Talk();
  EXPECT_EQ(events_.Take(), Lines{"1 is gone"});
  EXPECT_EQ(client_->answer(id).fields.at("grpc-status"), "3");
}

TEST_F(H2MessagesTest, ToTheClientWaitForItsWindow) {
  const std::int32_t id = Call();
  const std::string message(200'000, 'x');
  server_->Write(id, {message, nullptr});
  Talk();
  EXPECT_EQ(client_->answer(id).body.size(), 65535U);
  EXPECT_EQ(events_.Take(), Lines{"1 calls /a"});
  for (int i = 0; i < 4; ++i) {
    client_->Consume(id);
    Talk();
  }
  EXPECT_EQ(client_->answer(id).body, GrpcFrame(message));
  EXPECT_EQ(events_.Take(), Lines{"1 was written"});
}

TEST_F(H2MessagesTest, ToTheClientFollowOneAnother) {
  const std::int32_t id = Call();
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string message = absl::StrCat("message ", i);
    events_.Take();
    server_->Write(id, {message, std::make_shared<const std::string>("!")});
    Talk();
    ASSERT_EQ(events_.Take(), Lines{"1 was written"});
    client_->Consume(id);
    all += GrpcFrame(message + "!");
  }
  EXPECT_EQ(client_->answer(id).body, all);
}

TEST_F(H2MessagesTest, OutputIsGivenInShares) {
  client_ = std::make_unique<H2Client>(1U << 20U);
  const std::int32_t id = Call();
  server_->Write(id, {std::string(60'000, 'x'), nullptr});
  std::string out;
  ASSERT_TRUE(server_->TakeOutput(out, 1000).ok());
  EXPECT_GE(out.size(), 1000U);
  EXPECT_LT(out.size(), 1000U + 17'000U);
  client_->Receive(out);
  Talk();
  EXPECT_EQ(client_->answer(id).body.size(), 60'005U);
}

}  // namespace
}  // namespace flotilla::controller
