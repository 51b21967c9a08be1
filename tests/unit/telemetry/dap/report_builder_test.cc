#include "telemetry/dap/report_builder.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/report.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

TEST(ReportBuilder, ReportsHaveTheSizesThatAreWrittenDown) {
  // privacy.md's sizes of a report without the helper's extension, by buckets.
  const std::map<std::uint32_t, std::size_t> sizes = {{5, 568},  {8, 648},   {12, 744},
                                                      {16, 872}, {24, 1064}, {32, 1224}};
  for (const auto& [buckets, size] : sizes) {
    TaskConfiguration configuration = GateConfiguration();
    configuration.shape = *vdaf::SmallestReportShape(buckets);
    DapWorld world(1, configuration);
    EXPECT_EQ(world.ReportOf(0, 0).size(), size + kDeviceSignatureBytes) << buckets;
  }
}

TEST(ReportBuilder, ReportsHaveOneSizeWhateverTheVote) {
  DapWorld world(2);
  std::set<std::size_t> sizes;
  for (std::uint32_t bucket = 0; bucket < 5; ++bucket) {
    sizes.insert(world.ReportOf(0, bucket).size());
    sizes.insert(world.ReportOf(1, bucket).size());
  }
  EXPECT_EQ(sizes, std::set<std::size_t>{world.task.report_size()});
}

TEST(ReportBuilder, SaysNothingFinerThanTheWindow) {
  DapWorld world;
  const Report report = *Report::Decode(world.ReportOf(0, 1));
  EXPECT_EQ(report.metadata.time, world.window);
  EXPECT_NE(report.metadata.id, ReportId{});
}

TEST(ReportBuilder, TwoReportsOfOneVoteShareNothing) {
  DapWorld world;
  const Report a = *Report::Decode(world.ReportOf(0, 1));
  const Report b = *Report::Decode(world.ReportOf(0, 1));
  EXPECT_NE(a.metadata.id, b.metadata.id);
  EXPECT_NE(a.public_share, b.public_share);
  EXPECT_NE(a.leader_share.enc, b.leader_share.enc);
  EXPECT_NE(a.helper_share.payload, b.helper_share.payload);
}

TEST(ReportBuilder, RefusesAVoteOrWindowThatTheTaskHasNot) {
  DapWorld world;
  const ReportBuilder builder = *ReportBuilder::Create(
      world.task, world.leader_config, world.helper_config, *world.devices[0], world.random);
  EXPECT_EQ(builder.Build(world.window, 5).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(builder.Build(world.window + 2, 1).status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(builder.Build(world.window + 1, 4).ok());
}

TEST(ReportBuilder, RefusesAReportingKeyOfAnotherKind) {
  DapWorld world;
  const auto p256 = *security::KeyPair::Generate(security::KeyKind::kEcdsaP256);
  EXPECT_EQ(ReportBuilder::Create(world.task, world.leader_config, world.helper_config, *p256,
                                  world.random)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

TEST(ReportBuilder, RefusesAHelperKeyThatAnyoneCouldReadWith) {
  DapWorld world;
  world.helper_config.public_key.assign(32, 0);
  const ReportBuilder builder = *ReportBuilder::Create(
      world.task, world.leader_config, world.helper_config, *world.devices[0], world.random);
  EXPECT_EQ(builder.Build(world.window, 0).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::dap
