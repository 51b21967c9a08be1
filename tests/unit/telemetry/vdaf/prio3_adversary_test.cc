// What a device, or who stands in between, may try. A refused report changes no aggregate, since no
// output share of it exists.
#include <gtest/gtest.h>

#include "telemetry/vdaf/histogram_circuit.h"
#include "telemetry/vdaf/prio3_protocol.h"
#include "tests/unit/telemetry/vdaf/report_run.h"

namespace flotilla::vdaf {
namespace {

constexpr HistogramShape kShape{.buckets = 5, .chunk_length = 2};

// The circuit of a device that follows the protocol in all but the vector that it proves.
class LyingCircuit : public HistogramCircuit {
 public:
  LyingCircuit(std::uint32_t shares, std::vector<Field128> vector)
      : HistogramCircuit(kShape, shares), vector_(std::move(vector)) {}
  StatusOr<std::vector<Field128>> Encode(std::uint32_t /*bucket*/) const { return vector_; }

 private:
  std::vector<Field128> vector_;
};

Status VerdictOnVector(const std::vector<int>& numbers) {
  std::vector<Field128> vector;
  vector.reserve(numbers.size());
  for (const int number : numbers) vector.push_back(FromSigned<Field128>(number));
  const Prio3Protocol<LyingCircuit> liar(LyingCircuit(1, vector), LyingCircuit(2, vector), 2);
  const auto honest = *NewPrio3Histogram(kShape, 2);
  return RunReport(*honest, ShardSeeded(liar, 0, 1)).status();
}

TEST(Prio3Adversary, OnlyOneVoteForOneBucketPasses) {
  EXPECT_TRUE(VerdictOnVector({0, 1, 0, 0, 0}).ok());
  EXPECT_EQ(VerdictOnVector({0, 1, 0, 1, 0}).code(), StatusCode::kInvalidArgument);   // two votes
  EXPECT_EQ(VerdictOnVector({0, 0, 0, 0, 0}).code(), StatusCode::kInvalidArgument);   // none
  EXPECT_EQ(VerdictOnVector({2, 0, 0, 0, -1}).code(), StatusCode::kInvalidArgument);  // moves one
  EXPECT_EQ(VerdictOnVector({0, 0, 1000, 0, 0}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(VerdictOnVector({1, 1, 1, -1, -1}).code(), StatusCode::kInvalidArgument);
}

class Prio3Tampering : public ::testing::Test {
 protected:
  std::unique_ptr<const Prio3> prio3_ = *NewPrio3Histogram(kShape, 2);
  ShardedMeasurement report_ = ShardSeeded(*prio3_, 3, 7);
};

TEST_F(Prio3Tampering, EveryFlippedByteOfEveryShareIsFoundOut) {
  ASSERT_TRUE(RunReport(*prio3_, report_).ok());
  for (Bytes* bytes : {&report_.public_share, &report_.input_shares[0], &report_.input_shares[1]}) {
    for (std::uint8_t& byte : *bytes) {
      byte ^= 1;
      EXPECT_EQ(RunReport(*prio3_, report_).status().code(), StatusCode::kInvalidArgument);
      byte ^= 1;
    }
  }
  EXPECT_TRUE(RunReport(*prio3_, report_).ok());
}

TEST_F(Prio3Tampering, SharesThatAreCutOffOrTooLongAreRefused) {
  for (std::size_t i = 0; i < 2; ++i) {
    ShardedMeasurement shorter = report_;
    shorter.input_shares[i].pop_back();
    EXPECT_EQ(RunReport(*prio3_, shorter).status().code(), StatusCode::kInvalidArgument);
    ShardedMeasurement longer = report_;
    longer.input_shares[i].push_back(0);
    EXPECT_EQ(RunReport(*prio3_, longer).status().code(), StatusCode::kInvalidArgument);
  }
  report_.public_share.pop_back();
  EXPECT_EQ(RunReport(*prio3_, report_).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(Prio3Tampering, AnElementThatIsNotBelowTheModulusIsRefused) {
  std::fill_n(report_.input_shares[0].begin(), 16, std::uint8_t{0xFF});
  EXPECT_EQ(RunReport(*prio3_, report_).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(Prio3Tampering, SharesOfTwoReportsDoNotFitTogether) {
  report_.input_shares[1] = ShardSeeded(*prio3_, 3, 8).input_shares[1];
  EXPECT_FALSE(RunReport(*prio3_, report_).ok());
}

TEST_F(Prio3Tampering, AReportIsBoundToItsNonceAndItsTask) {
  Nonce other = kTestNonce;
  other[15] = 1;
  EXPECT_FALSE(RunReport(*prio3_, report_, other).ok());
  SeededRandom random(1);
  const auto elsewhere = Shard(*prio3_, AsBytes("other task"), 3, kTestNonce, random);
  ASSERT_TRUE(elsewhere.ok());
  EXPECT_FALSE(RunReport(*prio3_, *elsewhere).ok());
}

TEST_F(Prio3Tampering, AReportForAnotherShapeIsRefused) {
  const auto other = *NewPrio3Histogram({.buckets = 5, .chunk_length = 1}, 2);
  EXPECT_FALSE(RunReport(*other, report_).ok());
}

TEST_F(Prio3Tampering, VerifierSharesAreCheckedForNumberSizeAndContent) {
  const auto answers = *VerifyAll(*prio3_, report_);
  const std::vector<Bytes> good = {answers[0].verifier_share, answers[1].verifier_share};
  ASSERT_TRUE(prio3_->VerifierSharesToMessage(kTestContext, good).ok());
  const auto refused = [&](const std::vector<Bytes>& shares) {
    return prio3_->VerifierSharesToMessage(kTestContext, shares).status().code() ==
           StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused({good[0]}));
  EXPECT_TRUE(refused({good[0], good[1], good[1]}));
  EXPECT_TRUE(refused({good[0], good[0]}));
  EXPECT_TRUE(refused({good[0], Bytes(good[1].begin(), good[1].end() - 1)}));
  EXPECT_TRUE(refused({good[0], Bytes(good[1].size(), 0xFF)}));
}

TEST_F(Prio3Tampering, AWrongMessageYieldsNoOutputShare) {
  const auto answers = *VerifyAll(*prio3_, report_);
  const std::vector<Bytes> shares = {answers[0].verifier_share, answers[1].verifier_share};
  Bytes message = *prio3_->VerifierSharesToMessage(kTestContext, shares);
  ASSERT_TRUE(prio3_->VerifyNext(answers[1].state, message).ok());
  message[31] ^= 0x80;
  EXPECT_EQ(prio3_->VerifyNext(answers[1].state, message).status().code(),
            StatusCode::kInvalidArgument);
  message.pop_back();
  EXPECT_FALSE(prio3_->VerifyNext(answers[1].state, message).ok());
  EXPECT_FALSE(prio3_->VerifyNext(answers[1].state, {}).ok());
}

TEST_F(Prio3Tampering, ThereIsNoThirdAggregator) {
  const auto answer = prio3_->VerifyInit(kTestKey, kTestContext, 2, kTestNonce,
                                         report_.public_share, report_.input_shares[1]);
  EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::vdaf
