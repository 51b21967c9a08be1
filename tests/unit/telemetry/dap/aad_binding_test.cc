// An input share opens for the one task, report and aggregator that its device meant.
#include <gtest/gtest.h>

#include "telemetry/dap/aggregate_share.h"
#include "telemetry/dap/input_share.h"
#include "telemetry/dap/report.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

class AadBinding : public ::testing::Test {
 protected:
  Status OpenBoth(const Bytes& aad, const Report& report) const {
    Status leader =
        OpenInputShare(report.leader_share, world_.leader_keys.shares, Role::kLeader, aad).status();
    const Status helper =
        OpenInputShare(report.helper_share, world_.helper_keys.shares, Role::kHelper, aad).status();
    EXPECT_EQ(leader.code(), helper.code());
    return leader;
  }
  Bytes AadOf(const Report& report) const {
    return InputShareAad(world_.task.id(), world_.task.encoded(), report.metadata,
                         report.public_share);
  }

  DapWorld world_;
  Report report_ = *Report::Decode(world_.ReportOf(0, 3));
};

TEST_F(AadBinding, TheReportOpensAsItWasMade) {
  EXPECT_TRUE(OpenBoth(AadOf(report_), report_).ok());
}

TEST_F(AadBinding, EveryFieldOfTheTaskIsBound) {
  for (const auto& [field, configuration] : OtherTasks()) {
    const Task other = *Task::Create(configuration);
    const Bytes aad =
        InputShareAad(other.id(), other.encoded(), report_.metadata, report_.public_share);
    EXPECT_EQ(OpenBoth(aad, report_).code(), StatusCode::kUnauthenticated) << field;
    // Whoever keeps the id and changes the configuration does not get further.
    const Bytes same_id =
        InputShareAad(world_.task.id(), other.encoded(), report_.metadata, report_.public_share);
    EXPECT_EQ(OpenBoth(same_id, report_).code(), StatusCode::kUnauthenticated) << field;
  }
}

TEST_F(AadBinding, EveryByteOfTheAssociatedDataIsBound) {
  Bytes aad = AadOf(report_);
  for (std::size_t i = 0; i < aad.size(); i += 7) {
    aad[i] ^= 1;
    EXPECT_EQ(OpenBoth(aad, report_).code(), StatusCode::kUnauthenticated) << i;
    aad[i] ^= 1;
  }
}

TEST_F(AadBinding, MetadataAndPublicShareAreBound) {
  Report other = report_;
  other.metadata.id[0] ^= 1;
  EXPECT_EQ(OpenBoth(AadOf(other), other).code(), StatusCode::kUnauthenticated);
  other = report_;
  other.metadata.time += 1;
  EXPECT_EQ(OpenBoth(AadOf(other), other).code(), StatusCode::kUnauthenticated);
  other = report_;
  other.public_share[63] ^= 1;
  EXPECT_EQ(OpenBoth(AadOf(other), other).code(), StatusCode::kUnauthenticated);
}

TEST_F(AadBinding, OneAggregatorsShareIsNotTheOthers) {
  // Even with the other's private key, since the info names the role.
  EXPECT_EQ(
      OpenInputShare(report_.helper_share, world_.helper_keys.shares, Role::kLeader, AadOf(report_))
          .status()
          .code(),
      StatusCode::kUnauthenticated);
  EXPECT_EQ(
      OpenInputShare(report_.helper_share, world_.leader_keys.shares, Role::kHelper, AadOf(report_))
          .status()
          .code(),
      StatusCode::kNotFound);
}

TEST_F(AadBinding, ASwappedHelperKeyIsFoundByTheHelper) {
  // The device took a key of the leader's for the helper's: the helper has nothing that opens.
  const auto thief = *security::GenerateHpkeKeyPair(world_.random);
  world_.helper_config.public_key.assign(thief.public_key.begin(), thief.public_key.end());
  const Bytes stolen = world_.ReportOf(1, 2);
  EXPECT_EQ(ErrorsOf(world_.Aggregate({stolen})),
            std::vector<ReportError>{ReportError::kHpkeDecryptError});
  EXPECT_EQ(world_.HelperBucket().count, 0U);
}

TEST_F(AadBinding, AReportOfALoweredBatchOrWeakerNoiseIsRefusedByTheWholeProtocol) {
  for (const auto& [field, configuration] : OtherTasks()) {
    if (field != "min_batch_size" && field != "noise.parameter") continue;
    DapWorld lowered(1, configuration);  // what the device was told
    lowered.leader_config = world_.leader_config;
    lowered.helper_config = world_.helper_config;
    const Bytes report = lowered.ReportOf(0, 1);
    EXPECT_EQ(ErrorsOf(world_.Aggregate({report})),
              std::vector<ReportError>{ReportError::kHpkeDecryptError})
        << field;
  }
  EXPECT_EQ(world_.LeaderBucket().count, 0U);
}

TEST_F(AadBinding, AnAggregateShareOpensForItsBatchAndSenderAlone) {
  const CollectionRequest request{.interval = world_.task.IntervalOf(world_.window)};
  const BatchBucket bucket = EmptyBucket(world_.task.prio3());
  const auto seal = [&](Role role) {
    return *SealNoisyShare(world_.task, bucket, request, role, world_.leader_keys.collector,
                           world_.random);
  };
  const Bytes leader = seal(Role::kLeader);
  const Bytes helper = seal(Role::kHelper);
  const auto open = [&](const CollectionRequest& asked, const Bytes& a, const Bytes& b) {
    return OpenAggregate(world_.task, asked, world_.collector, a, b).status().code();
  };
  EXPECT_EQ(open(request, leader, helper), StatusCode::kOk);
  EXPECT_EQ(open(request, helper, leader), StatusCode::kUnauthenticated);
  EXPECT_EQ(open({.interval = world_.task.IntervalOf(world_.window + 1)}, leader, helper),
            StatusCode::kUnauthenticated);
  for (const auto& [field, configuration] : OtherTasks()) {
    const Task other = *Task::Create(configuration);
    EXPECT_EQ(OpenAggregate(other, request, world_.collector, leader, helper).status().code(),
              StatusCode::kUnauthenticated)
        << field;
  }
}

}  // namespace
}  // namespace flotilla::dap
