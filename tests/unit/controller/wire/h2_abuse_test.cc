// Peers that mean harm, or are broken.

#include "controller/wire/h2_server.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/grpc_frames.h"
#include "controller/wire/h2_stream.h"
#include "tests/unit/controller/wire/h2_pair.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20U;

class H2AbuseTest : public H2Pair {
 protected:
  Status Feed(std::string_view bytes) { return server_->Receive(AsBytes(bytes), now_); }
  // Bytes of `frame` again and again, as a peer that reads no answer; how many were taken before
  // the server had enough.
  int Flood(const std::string& frame, int most) {
    Talk();
    for (int i = 0; i < most; ++i) {
      if (!Feed(frame).ok() || server_->over()) {
        return i;
      }
    }
    return most;
  }
  void PingAfter(Duration wait) {
    now_ += wait;
    client_->Ping();
    Talk();
  }
};

TEST_F(H2AbuseTest, GarbageInsteadOfThePrefaceIsRefused) {
  EXPECT_EQ(Feed("GET / HTTP/1.1\r\nHost: here\r\n\r\n").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(events_.Take(), Lines{});
}

TEST_F(H2AbuseTest, AFrameThatIsTooLongIsTheEnd) {
  Talk();
  EXPECT_TRUE(Feed(H2Frame(NGHTTP2_DATA, 0, 1, std::string(20'000, 'x'))).ok());
  Talk();
  EXPECT_EQ(client_->goaway()->error, static_cast<std::uint32_t>(NGHTTP2_FRAME_SIZE_ERROR));
  EXPECT_TRUE(server_->over());
}

TEST_F(H2AbuseTest, AProtocolErrorEndsEveryCall) {
  Call();
  EXPECT_TRUE(Feed(H2Frame(NGHTTP2_DATA, 0, 99, "never opened")).ok());
  std::string last_word;
  EXPECT_TRUE(server_->TakeOutput(last_word, kAll).ok());
  client_->Receive(last_word);
  EXPECT_EQ(client_->goaway()->error, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  EXPECT_TRUE(server_->over());
}

TEST_F(H2AbuseTest, PingsAtTheAllowedPaceAreAnswered) {
  Call();
  for (int i = 0; i < 20; ++i) {
    PingAfter(absl::Seconds(30));
  }
  EXPECT_EQ(client_->ping_acks(), 20);
  EXPECT_FALSE(server_->over());
}

TEST_F(H2AbuseTest, TheFourthPingTooSoonIsTheEnd) {
  Call();
  PingAfter(absl::Seconds(1));
  for (int i = 0; i < 3; ++i) {
    PingAfter(absl::Seconds(29));
    EXPECT_FALSE(server_->over());
  }
  now_ += absl::Seconds(29);
  client_->Ping();
  ASSERT_TRUE(Feed(client_->Output()).ok());
  EXPECT_TRUE(server_->over());
  std::string last_word;
  ASSERT_TRUE(server_->TakeOutput(last_word, kAll).ok());
  client_->Receive(last_word);
  ASSERT_TRUE(client_->goaway().has_value());
  EXPECT_EQ(client_->goaway()->error, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_EQ(client_->goaway()->text, "too_many_pings");
}

TEST_F(H2AbuseTest, APingInTimeForgivesThoseBefore) {
  Call();
  for (int round = 0; round < 5; ++round) {
    PingAfter(absl::Seconds(30));
    for (int i = 0; i < 3; ++i) {
      PingAfter(absl::Seconds(1));
    }
  }
  EXPECT_FALSE(server_->over());
  EXPECT_EQ(client_->ping_acks(), 20);
}

TEST_F(H2AbuseTest, AWrittenMessageForgivesPings) {
  const std::int32_t id = Call();
  PingAfter(absl::Seconds(30));
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) {
      PingAfter(absl::Seconds(1));
    }
    server_->Write(id, {"hello", nullptr});
    Talk();
    client_->Consume(id);
  }
  EXPECT_FALSE(server_->over());
}

// Clients of gRPC measure a connection by pings while a long message comes, which may take minutes.
TEST_F(H2AbuseTest, APartOfAMessageForgivesPingsToo) {
  client_ = std::make_unique<H2Client>(1000);
  const std::int32_t id = Call();
  PingAfter(absl::Seconds(30));
  server_->Write(id, {std::string(50'000, 'x'), nullptr});
  for (int i = 0; i < 20; ++i) {
    PingAfter(absl::Seconds(1));
    client_->Consume(id);
  }
  EXPECT_EQ(client_->ping_acks(), 21);
  EXPECT_FALSE(server_->over());
}

TEST_F(H2AbuseTest, AnswersToOurPingsAreNoPings) {
  Call();
  for (int i = 0; i < 10; ++i) {
    server_->Ping();
    Talk();
  }
  EXPECT_EQ(client_->pings(), 10);
  EXPECT_FALSE(server_->over());
}

TEST_F(H2AbuseTest, SettingsWithoutReadingAreCutOff) {
  EXPECT_LT(Flood(H2Frame(NGHTTP2_SETTINGS, 0, 0, ""), 100'000), 2000);
}

TEST_F(H2AbuseTest, PingsWithoutReadingAreCutOff) {
  EXPECT_LE(Flood(H2Frame(NGHTTP2_PING, 0, 0, std::string(8, 'p')), 100'000), 4);
}

// Requests that are refused while the peer reads nothing must not queue up answers.
TEST_F(H2AbuseTest, RefusedCallsWithoutReadingAreCutOff) {
  Talk();
  int calls = 0;
  H2RequestOptions json;
  json.content_type = "application/json";
  for (; calls < 50'000; ++calls) {
    const std::int32_t id = client_->Request("/a", json);
    const Status asked = Feed(client_->Output());
    client_->Reset(id);
    if (!asked.ok() || !Feed(client_->Output()).ok() || server_->over()) {
      break;
    }
  }
  EXPECT_LT(calls, 1500);
  std::string answers;
  (void)server_->TakeOutput(answers, kAll);
  EXPECT_LT(answers.size(), kMegabyte);
}

// While what is to be said to the peer waits, its frames must not add to it.
TEST_F(H2AbuseTest, DataOnARefusedCallIsNotAnsweredAgain) {
  H2RequestOptions json;
  json.content_type = "application/json";
  const std::int32_t id = client_->Request("/a", json);
  ASSERT_TRUE(Feed(client_->Output()).ok());
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(Feed(H2Frame(NGHTTP2_DATA, 0, id, "")).ok()) << i;
  }
  Talk();
  EXPECT_EQ(client_->answer(id).heads, 1);
  EXPECT_EQ(client_->answer(id).fields.at(":status"), "415");
  EXPECT_FALSE(server_->over());
}

TEST_F(H2AbuseTest, RapidResetsAreCutOff) {
  Talk();
  int calls = 0;
  for (; calls < 20'000; ++calls) {
    const std::int32_t id = client_->Request("/a");
    ASSERT_TRUE(Feed(client_->Output()).ok());
    client_->Reset(id);
    std::string heard;
    if (!Feed(client_->Output()).ok() || !server_->TakeOutput(heard, kAll).ok() ||
        server_->over()) {
      break;
    }
    ASSERT_EQ(server_->calls(), 0U);
  }
  EXPECT_LT(calls, 5000);
}

TEST_F(H2AbuseTest, ManySmallMessagesThatNobodyReadsEndTheCall) {
  const std::int32_t id = Call();
  const auto send = [&](std::size_t messages) {
    std::string many;
    for (std::size_t i = 0; i < messages; ++i) {
      many += GrpcFrame("");
    }
    client_->Send(id, many);
    Talk();
  };
  send(H2Inbox::kMostWaiting);
  EXPECT_FALSE(client_->answer(id).closed.has_value());
  send(1);
  EXPECT_TRUE(client_->answer(id).closed.has_value());
  EXPECT_EQ(client_->answer(id).fields["grpc-status"], "8");  // RESOURCE_EXHAUSTED
}

TEST_F(H2AbuseTest, HeadersWithoutAnEndAreCutOff) {
  Talk();
  // A literal field without indexing: "x: " and 4,000 bytes, over and over in CONTINUATION frames.
  const std::string value(4000, 'v');
  const std::string field = std::string("\0\1x\x7f\xa1\x1e", 6) + value;
  ASSERT_TRUE(Feed(H2Frame(NGHTTP2_HEADERS, 0, 1, field)).ok());
  int frames = 0;
  while (frames < 10'000 && Feed(H2Frame(NGHTTP2_CONTINUATION, 0, 1, field)).ok() &&
         !server_->over()) {
    ++frames;
    std::string out;
    (void)server_->TakeOutput(out, kAll);
  }
  EXPECT_LT(frames, 100);
  EXPECT_EQ(events_.Take(), Lines{});
}

TEST_F(H2AbuseTest, PaddingIsGivenBackToTheWindow) {
  const std::int32_t id = Call();
  server_->Read(id);
  // 400 times 256 bytes are more than both windows; one byte of each is not padding.
  const std::string body = GrpcFrame(std::string(395, 'x'));
  for (const char byte : body) {
    ASSERT_TRUE(Feed(H2Frame(NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, id,
                             std::string(1, '\xfe') + byte + std::string(254, '\0')))
                    .ok());
    Talk();
  }
  EXPECT_EQ(events_.Take().back(), "1 says 395 bytes");
  EXPECT_FALSE(server_->over());
}

}  // namespace
}  // namespace flotilla::controller
