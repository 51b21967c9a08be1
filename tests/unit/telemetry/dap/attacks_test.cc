// Every way to bend the protocol, tried on one window that a hundred devices have reported in: what
// each ends in, and that neither aggregator's sum has moved by a byte.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/batch_bucket.h"
#include "telemetry/dap/collection_messages.h"
#include "telemetry/dap/report.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

class Attacks : public ::testing::Test {
 protected:
  static constexpr std::size_t kLate = kLeastBatchSize;  // a device that has not reported

  void SetUp() override {
    std::vector<Bytes> reports;
    for (std::size_t i = 0; i < kLate; ++i) {
      reports.push_back(world_.ReportOf(i, DapWorld::BucketOf(i)));
    }
    first_ = reports.front();
    ASSERT_EQ(world_.Aggregate(reports).accepted, kLeastBatchSize);
    leader_before_ = world_.LeaderBucket();
    helper_before_ = world_.HelperBucket();
  }

  void ExpectNothingMoved(const std::string& what) {
    EXPECT_EQ(world_.LeaderBucket(), leader_before_) << what;
    EXPECT_EQ(world_.HelperBucket(), helper_before_) << what;
    EXPECT_EQ(world_.HonestSum(), (std::vector<std::int64_t>{20, 20, 20, 20, 20})) << what;
  }
  void ExpectRefused(const std::string& what, const Bytes& report, ReportError error) {
    EXPECT_EQ(ErrorsOf(world_.Aggregate({report})), std::vector<ReportError>{error}) << what;
    ExpectNothingMoved(what);
  }

  // A leader that told its devices another configuration and passes on what came: what the helper
  // answers for each of them.
  std::vector<ReportError> HelperSaysOf(const TaskConfiguration& told) {
    const Task bent = *Task::Create(told);
    const ReportBuilder builder = *ReportBuilder::Create(
        bent, world_.leader_config, world_.helper_config, *world_.devices[kLate], world_.random);
    const Bytes report = *builder.Build(world_.window, 1);
    MemoryAggregatorStore own;
    const Leader evil = *Leader::Create(bent, world_.leader_keys, own, world_.random);
    const LeaderJob job = *evil.Start(std::vector<Bytes>{report}, world_.now);
    EXPECT_FALSE(job.request.empty()) << "the bent leader opens its own share";
    std::vector<ReportError> errors;
    const AggregationResponse said =
        *AggregationResponse::Decode(*world_.helper->Aggregate(job.request, world_.now));
    for (const VerifyResponse& response : said.responses) {
      errors.push_back(response.error);
    }
    return errors;
  }

  AggregateShareRequest Asked(const Interval& interval) const {
    return {.collection = {.interval = interval},
            .selector = interval,
            .report_count = leader_before_.count,
            .checksum = leader_before_.checksum};
  }
  StatusCode CodeOf(const AggregateShareRequest& request) {
    return world_.helper->ShareOf(request.Encode(), world_.now).status().code();
  }

  DapWorld world_{kLeastBatchSize + 1};
  Bytes first_;  // that device 0 has sent
  BatchBucket leader_before_;
  BatchBucket helper_before_;
};

TEST_F(Attacks, WithASwappedHelperKeyGetNothingIn) {
  const HpkeConfig good = world_.helper_config;
  const auto thief = *security::GenerateHpkeKeyPair(world_.random);
  world_.helper_config.public_key.assign(thief.public_key.begin(), thief.public_key.end());
  ExpectRefused("swapped helper key", world_.ReportOf(kLate, 1), ReportError::kHpkeDecryptError);
  world_.helper_config = good;
  EXPECT_EQ(world_.Aggregate({world_.ReportOf(kLate, 1)}).accepted, 1U) << "with the true key";
}

TEST_F(Attacks, WithAnotherConfigurationAreRefusedByTheHelper) {
  TaskConfiguration lowered = GateConfiguration();
  lowered.min_batch_size = 101;  // 100 is the least, so the true one is told higher
  EXPECT_EQ(HelperSaysOf(lowered), std::vector<ReportError>{ReportError::kHpkeDecryptError});
  ExpectNothingMoved("another minimum batch");
  TaskConfiguration weaker = GateConfiguration();
  weaker.noise.parameter = {8, 1};
  EXPECT_EQ(HelperSaysOf(weaker), std::vector<ReportError>{ReportError::kHpkeDecryptError});
  ExpectNothingMoved("weaker noise");
  TaskConfiguration demo = GateConfiguration();
  demo.kind = TaskKind::kDemo;
  EXPECT_EQ(HelperSaysOf(demo), std::vector<ReportError>{ReportError::kHpkeDecryptError});
  ExpectNothingMoved("passed off as a demo");
}

TEST_F(Attacks, WithABatchUnderTheMinimumOrWithoutNoiseAreNoTask) {
  TaskConfiguration task = GateConfiguration();
  task.min_batch_size = kLeastBatchSize - 1;
  EXPECT_EQ(task.Check().code(), StatusCode::kInvalidArgument);
  task = GateConfiguration();
  task.noise = {};
  EXPECT_EQ(task.Check().code(), StatusCode::kInvalidArgument);
  // The extension cut out of the bytes: type 0xff40, length 21.
  Bytes stripped = GateConfiguration().Encode();
  const Bytes noise = {0xff, 0x40, 0, 21};
  const auto at = std::search(stripped.begin(), stripped.end(), noise.begin(), noise.end());
  ASSERT_NE(at, stripped.end());
  stripped.erase(at, at + 4 + 21);
  EXPECT_EQ(TaskConfiguration::Decode(stripped).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(Attacks, ThatSendAReportAgainCountNothing) {
  ExpectRefused("the same bytes", first_, ReportError::kReportReplayed);
  ExpectRefused("another report of the same device", world_.ReportOf(0, 1),
                ReportError::kReportReplayed);
}

TEST_F(Attacks, ThatAskForOverlappingOrChosenBatchesGetNothing) {
  const WindowStart start = world_.window;
  for (const Interval interval :
       {Interval{start, 2}, Interval{start - 1, 1}, Interval{start, 0}, Interval{start - 1, 3}}) {
    EXPECT_EQ(CodeOf(Asked(interval)), StatusCode::kInvalidArgument);
    ExpectNothingMoved("overlap");
  }
  AggregateShareRequest fewer = Asked(world_.task.IntervalOf(start));
  fewer.report_count -= 1;  // all but one: the difference would be that one
  fewer.checksum = XorReport(fewer.checksum, Report::Decode(first_)->metadata.id);
  EXPECT_EQ(CodeOf(fewer), StatusCode::kAborted);
  ExpectNothingMoved("all but one");
}

TEST_F(Attacks, ThatCollectTwiceGetTheSameNoise) {
  const AggregateShareRequest request = Asked(world_.task.IntervalOf(world_.window));
  const Bytes once = *world_.helper->ShareOf(request.Encode(), world_.now);
  EXPECT_EQ(*world_.helper->ShareOf(request.Encode(), world_.now), once);
  AggregateShareRequest other = request;
  other.report_count += 1;
  EXPECT_EQ(CodeOf(other), StatusCode::kAlreadyExists);
  ExpectNothingMoved("collected");
}

TEST_F(Attacks, ThatAddADeviceToACollectedWindowGetNothingIn) {
  const AggregateShareRequest request = Asked(world_.task.IntervalOf(world_.window));
  ASSERT_TRUE(world_.helper->ShareOf(request.Encode(), world_.now).ok());
  ASSERT_TRUE(world_.leader->Collect(world_.window, world_.now).ok());
  ExpectRefused("late", world_.ReportOf(kLate, 1), ReportError::kBatchCollected);
}

}  // namespace
}  // namespace flotilla::dap
