#include "telemetry/vdaf/prio3.h"

#include <gtest/gtest.h>

#include "tests/unit/telemetry/vdaf/report_run.h"

namespace flotilla::vdaf {
namespace {

// The sum of a random batch as the collector sees it; `truth` is what the devices measured.
std::vector<std::int64_t> Collected(const Prio3& prio3, std::uint32_t below, int reports,
                                    std::vector<std::int64_t>& truth) {
  SeededRandom random(below);
  std::vector<Bytes> aggregates(prio3.shares(), prio3.EmptyAggregate());
  for (int i = 0; i < reports; ++i) {
    const auto measurement = static_cast<std::uint32_t>(UniformBelow(random, below));
    if (prio3.output_length() == 1) {
      truth[0] += measurement;
    } else {
      ++truth[measurement];
    }
    Nonce nonce{};
    random.Fill(nonce);
    const auto report = Shard(prio3, kTestContext, measurement, nonce, random);
    EXPECT_TRUE(report.ok());
    const auto outputs = RunReport(prio3, *report, nonce);
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    for (std::size_t k = 0; k < aggregates.size(); ++k) {
      EXPECT_TRUE(prio3.AddShare(aggregates[k], (*outputs)[k]).ok());
    }
  }
  return *prio3.Unshard(aggregates);
}

TEST(Prio3, SumsOfRandomBatchesAreExact) {
  for (const std::uint32_t buckets : {2U, 5U, 6U, 8U, 10U, 12U, 24U, 32U}) {
    const auto prio3 = Histogram(buckets);
    std::vector<std::int64_t> truth(buckets);
    EXPECT_EQ(Collected(*prio3, buckets, 40, truth), truth) << buckets;
  }
}

TEST(Prio3, CountsOfRandomBatchesAreExact) {
  for (const std::uint32_t shares : {2U, 3U, 5U}) {
    const auto prio3 = NewPrio3Count(shares);
    ASSERT_TRUE(prio3.ok());
    std::vector<std::int64_t> truth(1);
    EXPECT_EQ(Collected(**prio3, 2, 60, truth), truth) << shares;
  }
}

TEST(Prio3, AnyNumberOfAggregatorsFromTwoTo255Works) {
  for (const std::uint32_t shares : {2U, 3U, 17U, 255U}) {
    const auto prio3 = Histogram(5, shares);
    const auto outputs = RunReport(*prio3, ShardSeeded(*prio3, 3, shares));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_EQ(*prio3->Unshard(*outputs), (std::vector<std::int64_t>{0, 0, 0, 1, 0})) << shares;
  }
  for (const std::uint32_t shares : {0U, 1U, 256U}) {
    EXPECT_EQ(NewPrio3Count(shares).status().code(), StatusCode::kInvalidArgument);
    EXPECT_FALSE(NewPrio3Histogram({.buckets = 5, .chunk_length = 2}, shares).ok());
  }
}

TEST(Prio3, EveryMessageHasTheStatedSizeWhateverIsMeasured) {
  const auto prio3 = Histogram(24, 3);
  const Prio3Sizes& sizes = prio3->sizes();
  for (std::uint32_t bucket = 0; bucket < 24; ++bucket) {
    const ShardedMeasurement report = ShardSeeded(*prio3, bucket, bucket);
    EXPECT_EQ(report.public_share.size(), sizes.public_share);
    EXPECT_EQ(report.input_shares[0].size(), sizes.leader_share);
    EXPECT_EQ(report.input_shares[1].size(), sizes.helper_share);
    EXPECT_EQ(report.input_shares[2].size(), sizes.helper_share);
    const auto answers = VerifyAll(*prio3, report);
    ASSERT_TRUE(answers.ok());
    EXPECT_EQ((*answers)[2].verifier_share.size(), sizes.verifier_share);
  }
}

TEST(Prio3, WhatIsPublicAndWhatTheHelperGetsDoNotShowTheMeasurement) {
  // With the same randomness the helper's share is the same; the leader's is masked by it.
  const auto prio3 = Histogram(5);
  const ShardedMeasurement first = ShardSeeded(*prio3, 0, 1);
  const ShardedMeasurement second = ShardSeeded(*prio3, 4, 1);
  EXPECT_EQ(first.input_shares[1], second.input_shares[1]);
  EXPECT_NE(first.input_shares[0], second.input_shares[0]);
  EXPECT_NE(first.input_shares[0], ShardSeeded(*prio3, 0, 2).input_shares[0]);
}

TEST(Prio3, RefusesToShardWhatItDoesNotKnow) {
  const auto count = NewPrio3Count(2);
  const auto histogram = Histogram(5);
  SeededRandom random(1);
  EXPECT_FALSE(Shard(**count, kTestContext, 2, kTestNonce, random).ok());
  EXPECT_FALSE(Shard(*histogram, kTestContext, 5, kTestNonce, random).ok());
  EXPECT_FALSE(Shard(*histogram, kTestContext, 0xFFFFFFFF, kTestNonce, random).ok());
  const Bytes short_randomness(histogram->sizes().randomness - 1);
  EXPECT_EQ(histogram->Shard(kTestContext, 0, kTestNonce, short_randomness).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(Prio3, RefusesAContextThatIsTooLongForATag) {
  const auto prio3 = Histogram(5);
  SeededRandom random(1);
  const Bytes longest(65527);
  const Bytes longer(65528);
  EXPECT_TRUE(Shard(*prio3, longest, 0, kTestNonce, random).ok());
  EXPECT_EQ(Shard(*prio3, longer, 0, kTestNonce, random).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::vdaf
