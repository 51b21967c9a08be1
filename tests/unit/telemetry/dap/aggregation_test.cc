// Leader and helper over the in-memory stores: what is summed, once, whoever dies in between.
#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "telemetry/dap/device_signature.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

using Fault = MemoryAggregatorStore::Fault;
using Errors = std::vector<ReportError>;

TEST(Aggregation, SumsTheVotesAndNeitherStoreHasThem) {
  DapWorld world(11);
  EXPECT_EQ(world.AggregateAll().accepted, 11U);
  EXPECT_EQ(world.HonestSum(), (std::vector<std::int64_t>{3, 2, 2, 2, 2}));
  EXPECT_EQ(world.LeaderBucket().count, 11U);
  EXPECT_EQ(world.HelperBucket().count, 11U);
  EXPECT_EQ(world.HelperBucket().checksum, world.LeaderBucket().checksum);
  EXPECT_NE(world.HelperBucket().aggregate, world.LeaderBucket().aggregate);
}

TEST(Aggregation, WindowsAreSummedApart) {
  DapWorld world(2);
  world.now = world.task.EndOf(world.window + 1);  // the first window is still open
  const LeaderVerdict verdict =
      world.Aggregate({world.ReportOf(0, 0), world.ReportOf(1, 1, world.window + 1)});
  EXPECT_EQ(verdict.accepted, 2U);
  EXPECT_EQ(world.HonestSum(), (std::vector<std::int64_t>{1, 0, 0, 0, 0}));
  world.window += 1;
  EXPECT_EQ(world.HonestSum(), (std::vector<std::int64_t>{0, 1, 0, 0, 0}));
}

TEST(Aggregation, AReportCountsOnce) {
  DapWorld world;
  const Bytes report = world.ReportOf(0, 2);
  EXPECT_EQ(world.Aggregate({report}).accepted, 1U);
  EXPECT_EQ(ErrorsOf(world.Aggregate({report})), Errors{ReportError::kReportReplayed});
  EXPECT_EQ(ErrorsOf(world.Aggregate({world.ReportOf(1, 2), report})),
            Errors{ReportError::kReportReplayed});
  EXPECT_EQ(*world.leader->Screen(report, world.now), ReportError::kReportReplayed);
  EXPECT_EQ(world.HonestSum(), (std::vector<std::int64_t>{0, 0, 2, 0, 0}));
}

TEST(Aggregation, AReportTwiceInOneJobCountsOnce) {
  DapWorld world;
  const Bytes report = world.ReportOf(0, 2);
  const LeaderVerdict verdict = world.Aggregate({report, report});
  EXPECT_EQ(verdict.accepted, 1U);
  EXPECT_EQ(ErrorsOf(verdict), Errors{ReportError::kReportReplayed});
}

TEST(Aggregation, TheHelperRefusesAReplayThatTheLeaderLetsPass) {
  DapWorld world;
  const Bytes report = world.ReportOf(0, 2);
  const LeaderJob first = *world.leader->Start(std::vector<Bytes>{report}, world.now);
  ASSERT_TRUE(world.helper->Aggregate(first.request, world.now).ok());
  // The leader does not remember, and asks with another report along.
  const LeaderJob again =
      *world.leader->Start(std::vector<Bytes>{report, world.ReportOf(1, 0)}, world.now);
  const auto answer =
      *AggregationResponse::Decode(*world.helper->Aggregate(again.request, world.now));
  EXPECT_EQ(answer.responses[0].error, ReportError::kReportReplayed);
  EXPECT_EQ(answer.responses[1].error, ReportError::kNone);
  EXPECT_EQ(world.HelperBucket().count, 2U);
}

TEST(Aggregation, ADeviceCountsOnceInAWindowHoweverManyReportsItMakes) {
  DapWorld world;
  EXPECT_EQ(ErrorsOf(world.Aggregate({world.ReportOf(0, 1), world.ReportOf(0, 1)})),
            Errors{ReportError::kReportReplayed});
  EXPECT_EQ(ErrorsOf(world.Aggregate({world.ReportOf(0, 1)})),
            Errors{ReportError::kReportReplayed});
  EXPECT_EQ(world.HelperBucket().count, 1U);
  EXPECT_EQ(world.LeaderBucket().count, 1U);
}

TEST(Aggregation, ADeviceThatIsNotRegisteredDoesNotCount) {
  DapWorld world;
  world.registered.Remove(KeyIdOf(world.devices[1]->public_key()));
  const LeaderVerdict verdict = world.Aggregate({world.ReportOf(0, 0), world.ReportOf(1, 1)});
  EXPECT_EQ(verdict.accepted, 1U);
  EXPECT_EQ(ErrorsOf(verdict), Errors{ReportError::kReportDropped});
}

TEST(Aggregation, TheHelperKeepsADevicesBudgetForItself) {
  DapWorld world;
  AggregatorCommit spent;
  spent.charges.emplace_back(
      KeyIdOf(world.devices[0]->public_key()),
      dp::KeyCharge{.window = {9}, .at = world.now, .cost = {.nano_epsilon = 7'500'000'000}});
  ASSERT_TRUE(world.helper_store.Commit(spent).ok());
  const LeaderVerdict verdict = world.Aggregate({world.ReportOf(0, 0), world.ReportOf(1, 1)});
  EXPECT_EQ(ErrorsOf(verdict), Errors{ReportError::kReportDropped});
  EXPECT_EQ(verdict.accepted, 1U);
}

TEST(Aggregation, EarlyAndLateReportsAreRefusedByBoth) {
  DapWorld world;
  const Bytes report = world.ReportOf(0, 0);
  const LeaderJob job = *world.leader->Start(std::vector<Bytes>{report}, world.now);
  const auto helper_says = [&](Time at) {
    return AggregationResponse::Decode(*world.helper->Aggregate(job.request, at))
        ->responses[0]
        .error;
  };
  const Time early = world.task.StartOf(world.window);
  EXPECT_EQ(*world.leader->Screen(report, early), ReportError::kReportTooEarly);
  const Time late = UploadsEndAt(world.task, world.window);
  EXPECT_EQ(*world.leader->Screen(report, late - absl::Seconds(1)), ReportError::kNone);
  EXPECT_EQ(*world.leader->Screen(report, late), ReportError::kReportDropped);
  // What was taken in time is still verified when the helper was away.
  EXPECT_EQ(world.leader->Start(std::vector<Bytes>{report}, late)->pending.size(), 1U);
  EXPECT_TRUE(world.leader->Start(std::vector<Bytes>{report}, ClosesAt(world.task, world.window))
                  ->pending.empty());
  EXPECT_EQ(helper_says(ClosesAt(world.task, world.window)), ReportError::kReportDropped);
}

TEST(Aggregation, TheSameRequestGetsTheSameAnswerAndChangesNothing) {
  DapWorld world;
  const LeaderJob job = *world.leader->Start(
      std::vector<Bytes>{world.ReportOf(0, 0), world.ReportOf(1, 4)}, world.now);
  const Bytes answer = *world.helper->Aggregate(job.request, world.now);
  const BatchBucket bucket = world.HelperBucket();
  EXPECT_EQ(*world.helper->Aggregate(job.request, world.now + absl::Hours(5)), answer);
  EXPECT_EQ(world.HelperBucket(), bucket);
  EXPECT_EQ(world.leader->Finish(job, answer)->accepted, 2U);
  EXPECT_EQ(world.leader->Finish(job, answer)->accepted, 0U);  // it was told before
  EXPECT_EQ(world.LeaderBucket().count, 2U);
}

TEST(Aggregation, AHelperThatDiesAroundItsCommitIsAskedAgain) {
  for (const Fault fault : {Fault::kBeforeCommit, Fault::kAfterCommit}) {
    DapWorld world;
    const std::vector<Bytes> reports = {world.ReportOf(0, 0), world.ReportOf(1, 4)};
    const LeaderJob lost = *world.leader->Start(reports, world.now);
    world.helper_store.FailNextCommit(fault);
    EXPECT_EQ(world.helper->Aggregate(lost.request, world.now).status().code(),
              StatusCode::kUnavailable);
    // The leader, too, has forgotten everything but the reports.
    const LeaderJob again = *world.leader->Start(reports, world.now);
    EXPECT_EQ(again.request, lost.request);
    const Bytes answer = *world.helper->Aggregate(again.request, world.now);
    EXPECT_EQ(world.leader->Finish(again, answer)->accepted, 2U);
    EXPECT_EQ(world.HonestSum(), (std::vector<std::int64_t>{1, 0, 0, 0, 1}));
  }
}

TEST(Aggregation, ALeaderThatDiesAroundItsCommitCountsOnce) {
  for (const Fault fault : {Fault::kBeforeCommit, Fault::kAfterCommit}) {
    DapWorld world;
    const std::vector<Bytes> reports = {world.ReportOf(0, 0), world.ReportOf(1, 4)};
    const LeaderJob job = *world.leader->Start(reports, world.now);
    const Bytes answer = *world.helper->Aggregate(job.request, world.now);
    world.leader_store.FailNextCommit(fault);
    EXPECT_EQ(world.leader->Finish(job, answer).status().code(), StatusCode::kUnavailable);
    (void)world.Aggregate(reports);
    EXPECT_EQ(world.HonestSum(), (std::vector<std::int64_t>{1, 0, 0, 0, 1}));
    EXPECT_EQ(world.LeaderBucket().count, 2U);
  }
}

TEST(Aggregation, AnAnswerToAnotherJobChangesNothing) {
  DapWorld world;
  const LeaderJob one = *world.leader->Start(std::vector<Bytes>{world.ReportOf(0, 0)}, world.now);
  const LeaderJob two = *world.leader->Start(std::vector<Bytes>{world.ReportOf(1, 0)}, world.now);
  const Bytes answer = *world.helper->Aggregate(two.request, world.now);
  EXPECT_EQ(world.leader->Finish(one, answer).status().code(), StatusCode::kAborted);
  EXPECT_EQ(world.leader->Finish(one, {}).status().code(), StatusCode::kAborted);
  EXPECT_EQ(world.leader->Finish(one, Bytes{1, 2}).status().code(), StatusCode::kAborted);
  EXPECT_EQ(world.leader_store.commits(), 0);
}

TEST(Aggregation, TheHelperRefusesWhatIsNoRequest) {
  DapWorld world;
  EXPECT_EQ(world.helper->Aggregate(Bytes{0}, world.now).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(world.helper_store.commits(), 0);
}

}  // namespace
}  // namespace flotilla::dap
