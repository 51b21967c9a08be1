// What leaves the aggregators, once.
#include <cstdlib>

#include <gtest/gtest.h>

#include "security/sha256.h"
#include "telemetry/dap/aggregate_share.h"
#include "telemetry/dap/collection_messages.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

using Fault = MemoryAggregatorStore::Fault;

class Collection : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(world_.AggregateAll().accepted, kLeastBatchSize); }

  AggregateShareRequest Asked() const {
    const Interval interval = world_.task.IntervalOf(world_.window);
    const BatchBucket bucket = world_.LeaderBucket();
    return {.collection = {.interval = interval},
            .selector = interval,
            .report_count = bucket.count,
            .checksum = bucket.checksum};
  }
  StatusCode CodeOf(const AggregateShareRequest& request) {
    return world_.helper->ShareOf(request.Encode(), world_.now).status().code();
  }

  DapWorld world_{kLeastBatchSize};
};

TEST_F(Collection, YieldsTheSumWithTheNoiseOfBoth) {
  const LeaderCollection leader = *world_.leader->Collect(world_.window, world_.now);
  EXPECT_EQ(leader.request, Asked().Encode());
  const Bytes helper = *world_.helper->ShareOf(leader.request, world_.now);
  const auto counts =
      *OpenAggregate(world_.task, Asked().collection, world_.collector, leader.share, helper);
  ASSERT_EQ(counts.size(), 5U);
  std::int64_t off = 0;
  for (const std::int64_t count : counts) {
    // Two Laplace draws of scale 2; beyond 100 with a probability below e^-45.
    EXPECT_LT(std::abs(count - 20), 100);
    off += std::abs(count - 20);
  }
  EXPECT_GT(off, 0);  // of this seed
}

TEST_F(Collection, EachAloneAddsEnoughNoise) {
  // Leader and helper without the other's noise: the store has none, the answer has.
  const Bytes helper = *world_.helper->ShareOf(Asked().Encode(), world_.now);
  const HpkeCiphertext sealed = *HpkeCiphertext::Decode(helper);
  const Bytes share = *security::HpkeOpen(
      sealed.enc, world_.collector.at(9), AggregateShareInfo(Role::kHelper),
      AggregateShareAad(world_.task.id(), world_.task.encoded(), Asked().collection),
      sealed.payload);
  EXPECT_NE(share, world_.HelperBucket().aggregate);
}

TEST_F(Collection, TheSameRequestGetsTheSameBytesAndAnotherNone) {
  const Bytes first = *world_.helper->ShareOf(Asked().Encode(), world_.now);
  EXPECT_EQ(*world_.helper->ShareOf(Asked().Encode(), world_.now + absl::Hours(100)), first);
  AggregateShareRequest other = Asked();
  other.report_count += 1;
  EXPECT_EQ(CodeOf(other), StatusCode::kAlreadyExists);
  EXPECT_EQ(*world_.helper->ShareOf(Asked().Encode(), world_.now), first);
  const LeaderCollection once = *world_.leader->Collect(world_.window, world_.now);
  EXPECT_EQ(world_.leader->Collect(world_.window, world_.now)->share, once.share);
}

TEST_F(Collection, NoiseIsDrawnOnceHoweverOftenAHelperDies) {
  world_.helper_store.FailNextCommit(Fault::kAfterCommit);
  EXPECT_EQ(CodeOf(Asked()), StatusCode::kUnavailable);
  const Bytes stored =
      (*world_.helper_store.FindCollected(world_.task.id(), world_.window))->answer;
  EXPECT_EQ(*world_.helper->ShareOf(Asked().Encode(), world_.now), stored);
}

TEST_F(Collection, NothingLeavesBeforeItIsStored) {
  world_.helper_store.FailNextCommit(Fault::kBeforeCommit);
  EXPECT_EQ(CodeOf(Asked()), StatusCode::kUnavailable);
  EXPECT_FALSE(world_.helper_store.FindCollected(world_.task.id(), world_.window)->has_value());
  EXPECT_EQ(CodeOf(Asked()), StatusCode::kOk);
}

TEST_F(Collection, BatchesThatOverlapAreRefused) {
  const int commits = world_.helper_store.commits();
  for (const Interval interval : {Interval{world_.window, 2}, Interval{world_.window - 1, 1},
                                  Interval{world_.window, 0}, Interval{world_.window - 1, 3}}) {
    AggregateShareRequest request = Asked();
    request.selector = interval;
    EXPECT_EQ(CodeOf(request), StatusCode::kInvalidArgument);
    request.collection.interval = interval;
    EXPECT_EQ(CodeOf(request), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(world_.helper_store.commits(), commits);
}

TEST_F(Collection, DisagreementAboutTheReportsIsFound) {
  AggregateShareRequest request = Asked();
  request.checksum = XorReport(request.checksum, {1});
  EXPECT_EQ(CodeOf(request), StatusCode::kAborted);
  request = Asked();
  request.report_count -= 1;
  EXPECT_EQ(CodeOf(request), StatusCode::kAborted);
  EXPECT_EQ(CodeOf(Asked()), StatusCode::kOk);
}

TEST_F(Collection, ACollectedWindowTakesNoMoreReports) {
  world_.devices.push_back(*security::GenerateEd25519());
  const Bytes late = world_.ReportOf(world_.devices.size() - 1, 0);
  const LeaderJob job = *world_.leader->Start(std::vector<Bytes>{late}, world_.now);
  ASSERT_TRUE(world_.helper->ShareOf(Asked().Encode(), world_.now).ok());
  const auto answer =
      *AggregationResponse::Decode(*world_.helper->Aggregate(job.request, world_.now));
  EXPECT_EQ(answer.responses[0].error, ReportError::kBatchCollected);
  ASSERT_TRUE(world_.leader->Collect(world_.window, world_.now).ok());
  EXPECT_EQ(*world_.leader->Screen(late, world_.now), ReportError::kBatchCollected);
}

TEST_F(Collection, AWindowThatIsNotOverIsNotCollected) {
  const Time inside = world_.task.EndOf(world_.window) - absl::Seconds(1);
  EXPECT_EQ(world_.helper->ShareOf(Asked().Encode(), inside).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(world_.leader->Collect(world_.window, inside).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(world_.leader->Collect(world_.window + 7, world_.now).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(SmallCollection, OneDeviceTooFewIsNotCollectedHoweverManyReportsItSends) {
  DapWorld world(kLeastBatchSize - 1);
  ASSERT_EQ(world.AggregateAll().accepted, kLeastBatchSize - 1);
  EXPECT_EQ(world.Aggregate({world.ReportOf(0, 0), world.ReportOf(1, 0)}).accepted, 0U);
  EXPECT_EQ(world.leader->Collect(world.window, world.now).status().code(),
            StatusCode::kFailedPrecondition);
  const Interval interval = world.task.IntervalOf(world.window);
  const AggregateShareRequest request{.collection = {.interval = interval},
                                      .selector = interval,
                                      .report_count = world.HelperBucket().count,
                                      .checksum = world.HelperBucket().checksum};
  EXPECT_EQ(world.helper->ShareOf(request.Encode(), world.now).status().code(),
            StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::dap
