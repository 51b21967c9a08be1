#include <string>

#include <gtest/gtest.h>

#include "controller/fleet/rollout_desk.h"
#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

TEST(FleetRestart, FindsEverythingThatWasCommitted) {
  FleetWorld world;
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  const auto session = world.Connect("d1");
  world.Settle();
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(1));
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.Settle();
  const v1::DesiredState sent = session->desired.back();
  const v1::Rollout rollout = *world.fleet->rollouts().Find("r1");

  world.Restart();
  EXPECT_EQ(world.fleet->rollouts().Find("r1")->SerializeAsString(), rollout.SerializeAsString());
  EXPECT_EQ(world.Device("d1").last_report().seq(), 1U);
  const auto again = world.Connect("d1");
  world.Settle();
  ASSERT_EQ(again->welcomes.size(), 1U);
  EXPECT_EQ(again->welcomes[0].durable_seq(), 1U);
  EXPECT_EQ(again->welcomes[0].session_epoch(), 2U);
  ASSERT_FALSE(again->desired.empty());
  EXPECT_EQ(again->desired[0].SerializeAsString(), sent.SerializeAsString());
}

TEST(FleetRestart, AReportThatWasNotCommittedIsSentAgainAndCountedOnce) {
  FleetWorld world;
  world.Enrol("d1");
  world.AddRelease("1.0.0", 1);
  auto session = world.Connect("d1");
  world.Settle();
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(1));
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.Settle();
  world.Report("d1", *session, 2, v1::DEPLOYMENT_STATE_DOWNLOADING);
  world.Restart();  // report 2 waited in the queue and is lost

  session = world.Connect("d1");
  world.Settle();
  EXPECT_EQ(session->welcomes.at(0).durable_seq(), 1U);
  for (const std::uint64_t seq : {1U, 2U}) {
    world.Report("d1", *session, seq,
                 seq == 1 ? v1::DEPLOYMENT_STATE_ACCEPTED : v1::DEPLOYMENT_STATE_DOWNLOADING);
  }
  world.Settle();
  EXPECT_EQ(session->acks.back().durable_seq(), 2U);
  EXPECT_EQ(world.store.RecentReports("d1", 10)->size(), 2U);
  const auto devices = world.fleet->rollouts().Devices("r1");
  ASSERT_EQ(devices->size(), 1U);
  EXPECT_EQ(devices->front().state(), v1::DEPLOYMENT_STATE_DOWNLOADING);
}

TEST(FleetRestart, KeepsRevocations) {
  FleetWorld world;
  world.Enrol("d1");
  world.fleet->RevokeDevice("d1", "", "operator:alice", [](const auto&) {});
  world.Settle();
  world.Restart();
  EXPECT_TRUE(world.fleet->revocations().Contains("5ed1"));
  EXPECT_TRUE(world.fleet->revocations().ContainsDevice("d1"));
  EXPECT_FALSE(world.Connect("d1")->open());
}

TEST(FleetRestart, GivesDevicesTimeToComeBackBeforeTheyAreOffline) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.Restart();
  world.Settle();
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_ONLINE);
  world.Advance(absl::Seconds(180));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_LATE);
}

TEST(FleetRestart, AuditNumbersGoOn) {
  FleetWorld world;
  world.Enrol("d1");
  world.Enrol("d2");
  world.fleet->RevokeDevice("d1", "", "operator:alice", [](const auto&) {});
  world.Settle();
  world.Restart();
  world.fleet->RevokeDevice("d2", "", "operator:alice", [](const auto&) {});
  world.Settle();
  const auto page = world.store.AuditPage(0, 10);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].seq(), 2U);
  EXPECT_EQ((*page)[0].subject(), "device/d2");
}

}  // namespace
}  // namespace flotilla::controller
