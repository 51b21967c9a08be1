#include "telemetry/vdaf/ping_pong.h"

#include <gtest/gtest.h>

#include "tests/unit/telemetry/vdaf/report_run.h"

namespace flotilla::vdaf {
namespace {

class PingPongTest : public ::testing::Test {
 protected:
  ReportShare For(std::size_t aggregator) const {
    return {.nonce = kTestNonce,
            .public_share = report_.public_share,
            .input_share = report_.input_shares[aggregator]};
  }

  std::unique_ptr<const Prio3> prio3_ = Histogram(5);
  PingPong ping_pong_ = *PingPong::Create(*prio3_, kTestKey, kTestContext);
  ShardedMeasurement report_ = ShardSeeded(*prio3_, 1, 1);
};

TEST_F(PingPongTest, GivesBothTheirOutputShareInOneRoundTrip) {
  const auto started = ping_pong_.Start(For(0));
  ASSERT_TRUE(started.ok());
  const auto answered = ping_pong_.Answer(For(1), started->message);
  ASSERT_TRUE(answered.ok());
  const auto finished = ping_pong_.Finish(started->state, answered->message);
  ASSERT_TRUE(finished.ok());
  const std::vector<Bytes> outputs = {*finished, answered->output_share};
  EXPECT_EQ(*prio3_->Unshard(outputs), (std::vector<std::int64_t>{0, 1, 0, 0, 0}));
}

TEST_F(PingPongTest, BothRefuseAMessageOutOfTurn) {
  const auto started = ping_pong_.Start(For(0));
  const auto answered = ping_pong_.Answer(For(1), started->message);
  EXPECT_EQ(ping_pong_.Finish(started->state, started->message).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(ping_pong_.Answer(For(1), answered->message).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(PingPongTest, EveryFlippedByteOfAMessageIsFoundOut) {
  const auto started = *ping_pong_.Start(For(0));
  const auto answered = *ping_pong_.Answer(For(1), started.message);
  for (std::size_t i = 0; i < started.message.size(); ++i) {
    Bytes message = started.message;
    message[i] ^= 1;
    const auto answer = ping_pong_.Answer(For(1), message);
    // A false joint randomness part shows only at the leader.
    EXPECT_FALSE(answer.ok() && ping_pong_.Finish(started.state, answer->message).ok()) << i;
  }
  for (std::size_t i = 0; i < answered.message.size(); ++i) {
    Bytes message = answered.message;
    message[i] ^= 1;
    EXPECT_FALSE(ping_pong_.Finish(started.state, message).ok()) << i;
  }
}

TEST_F(PingPongTest, IsForTwoAggregators) {
  const auto three = Histogram(5, 3);
  EXPECT_EQ(PingPong::Create(*three, kTestKey, kTestContext).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(PingPongMessage, EncodesAsTheDraftSays) {
  using Type = PingPongMessage::Type;
  const Bytes initialize = {0, 0, 0, 0, 2, 7, 8};
  const Bytes proceed = {1, 0, 0, 0, 1, 9, 0, 0, 0, 2, 7, 8};
  const Bytes finish = {2, 0, 0, 0, 0};
  EXPECT_EQ(PingPongMessage::Decode(initialize)->type, Type::kInitialize);
  EXPECT_EQ(PingPongMessage::Decode(initialize)->verifier_share, (Bytes{7, 8}));
  EXPECT_EQ(PingPongMessage::Decode(proceed)->type, Type::kContinue);
  EXPECT_EQ(PingPongMessage::Decode(proceed)->verifier_message, Bytes{9});
  EXPECT_EQ(PingPongMessage::Decode(finish)->type, Type::kFinish);
  for (const Bytes& bytes : {initialize, proceed, finish}) {
    EXPECT_EQ(PingPongMessage::Decode(bytes)->Encode(), bytes);
  }
}

TEST(PingPongMessage, RefusesWhatIsCutOffLeftOverOrUnknown) {
  const Bytes whole = {1, 0, 0, 0, 1, 9, 0, 0, 0, 2, 7, 8};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(PingPongMessage::Decode(ByteView(whole).first(size)).ok()) << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(PingPongMessage::Decode(longer).ok());
  EXPECT_FALSE(PingPongMessage::Decode(Bytes{3, 0, 0, 0, 0}).ok());
  EXPECT_FALSE(PingPongMessage::Decode(Bytes{0, 0xFF, 0xFF, 0xFF, 0xFF}).ok());
}

}  // namespace
}  // namespace flotilla::vdaf
