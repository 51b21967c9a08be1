#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "controller/fleet/rollout_desk.h"
#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

TEST(FleetRollout, SendsANewGenerationToTheDevicesItTouchesAfterTheCommit) {
  FleetWorld world;
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  const auto session = world.Connect("d1");
  world.Settle();
  const std::uint64_t before = session->desired.back().generation();
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(1));
  const v1::DesiredState& desired = session->desired.back();
  EXPECT_GT(desired.generation(), before);
  ASSERT_EQ(desired.assignments_size(), 1);
  EXPECT_EQ(desired.assignments(0).release().version(), "1.0.0");
  EXPECT_EQ(desired.assignments(0).rollout_id(), "r1");
  EXPECT_EQ(world.Device("d1").desired_generation(), desired.generation());
}

TEST(FleetRollout, SendsNothingWhileTheContentStaysTheSame) {
  FleetWorld world;
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  const auto session = world.Connect("d1");
  world.Settle();
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(1));
  const std::size_t sent = session->desired.size();
  world.Advance(absl::Seconds(5));
  EXPECT_EQ(session->desired.size(), sent);
}

TEST(FleetRollout, ADeviceThatWasOfflineGetsTheNewestStateWithItsHello) {
  FleetWorld world;
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(1));
  const auto session = world.Connect("d1");
  world.Settle();
  world.Advance(absl::Seconds(1));
  ASSERT_FALSE(session->desired.empty());
  ASSERT_EQ(session->desired.back().assignments_size(), 1);
  EXPECT_EQ(session->desired.back().assignments(0).release().version(), "1.0.0");
}

TEST(FleetRollout, CommitsReportRolloutAndDeviceInOneTransaction) {
  FleetWorld world;
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  const auto session = world.Connect("d1");
  world.Settle();
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(1));
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  EXPECT_EQ(world.commits->waiting(), 1U);
  world.Settle();
  const FleetSnapshot snapshot = *world.store.Load();
  ASSERT_EQ(snapshot.rollout_devices.size(), 1U);
  EXPECT_EQ(snapshot.rollout_devices[0].state(), v1::DEPLOYMENT_STATE_ACCEPTED);
  EXPECT_EQ(snapshot.devices.at(0).report_seq, 1U);
}

TEST(FleetRollout, TellsListenersWhatIsDurable) {
  FleetWorld world;
  std::vector<std::string> told;
  world.fleet->AddListener([&](const FleetEvent& event) {
    if (const auto* rollout = std::get_if<RolloutChanged>(&event)) {
      told.push_back("rollout " + rollout->rollout.id());
    } else if (const auto* audit = std::get_if<AuditWritten>(&event)) {
      told.push_back("audit " + audit->entry.action());
    }
  });
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  v1::CreateRolloutRequest request;
  request.mutable_spec()->set_name("r1");
  request.mutable_spec()->set_line("pump");
  request.mutable_spec()->set_version("1.0.0");
  world.fleet->rollouts().Create(request, "operator:alice", [](const auto&) {});
  EXPECT_TRUE(told.empty());
  world.Settle();
  EXPECT_EQ(told, (std::vector<std::string>{"rollout r1", "audit rollout.create"}));
}

TEST(FleetRollout, AListenerMayLeaveAndBringOthersWhileItIsTold) {
  FleetWorld world;
  std::vector<std::string> told;
  ListenerId first;
  first = world.fleet->AddListener([&](const FleetEvent&) {
    told.emplace_back("first");
    world.fleet->RemoveListener(first);
    world.fleet->AddListener([&](const FleetEvent&) { told.emplace_back("third"); });
  });
  world.fleet->AddListener([&](const FleetEvent&) { told.emplace_back("second"); });
  world.AddRelease("1.0.0", 1);
  world.Settle();
  EXPECT_EQ(told, (std::vector<std::string>{"first", "second"}));
  world.AddRelease("1.1.0", 2);
  world.Settle();
  EXPECT_EQ(told, (std::vector<std::string>{"first", "second", "second", "third"}));
}

TEST(FleetRollout, ExplainsADeviceWithItsReportsAndReasons) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE);
  world.Settle();
  StatusOr<v1::ExplainDeviceResponse> story = Internal("no answer");
  world.fleet->ExplainDevice("d1", [&](auto answer) { story = answer; });
  world.Settle();
  ASSERT_TRUE(story.ok()) << story.status();
  EXPECT_EQ(story->recent_reports_size(), 1);
  ASSERT_GT(story->lines_size(), 0);
  EXPECT_NE(story->lines(0).find("FAILED_NO_CHANGE (300)"), std::string::npos);
  world.fleet->ExplainDevice("nobody", [&](auto answer) { story = answer; });
  EXPECT_EQ(story.status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace flotilla::controller
