#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

TEST(FleetSession, AnswersHelloWithWelcomeAndDesiredStateOnlyAfterTheCommit) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.loop->RunReady();
  EXPECT_TRUE(session->welcomes.empty());
  world.Settle();
  ASSERT_EQ(session->welcomes.size(), 1U);
  EXPECT_EQ(session->welcomes[0].session_epoch(), 1U);
  EXPECT_EQ(session->welcomes[0].heartbeat_interval().seconds(), 60);
  EXPECT_EQ(session->welcomes[0].metadata_url(), "https://controller:7443/metadata/");
  ASSERT_EQ(session->desired.size(), 1U);
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_ONLINE);
}

TEST(FleetSession, FencesTheOlderStreamOfTheSameMachine) {
  FleetWorld world;
  world.Enrol("d1");
  const auto first = world.Connect("d1");
  world.Settle();
  const auto second = world.Connect("d1");
  world.Settle();
  ASSERT_TRUE(first->closed.has_value());
  EXPECT_EQ(first->closed->code(), StatusCode::kAborted);
  EXPECT_TRUE(second->open());
  ASSERT_EQ(second->welcomes.size(), 1U);
  EXPECT_GT(second->welcomes[0].session_epoch(), first->welcomes[0].session_epoch());

  // What the fenced stream still says changes nothing.
  world.Report("d1", *first, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.fleet->sessions().OnDisconnect("d1", first.get());
  world.Settle();
  EXPECT_TRUE(first->acks.empty());
  EXPECT_FALSE(world.Device("d1").has_last_report());
  EXPECT_EQ(world.fleet->sessions().open_sessions(), 1U);
}

TEST(FleetSession, RefusesBothMachinesOfOneIdentityUntilItIsEnrolledAgain) {
  FleetWorld world;
  world.Enrol("d1");
  const auto original = world.Connect("d1");
  world.Settle();
  v1::Hello other = FleetWorld::HelloOf("d1");
  other.set_machine_fingerprint(std::string(32, 'c'));
  const auto clone = std::make_shared<FakeDeviceSession>();
  world.fleet->sessions().OnHello(world.PeerOf("d1"), clone, other);
  world.Settle();
  ASSERT_TRUE(clone->closed.has_value());
  EXPECT_EQ(clone->closed->code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonNumber(*clone->closed), v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY);
  ASSERT_TRUE(original->closed.has_value());
  EXPECT_TRUE(world.Device("d1").clone_suspected());
  EXPECT_TRUE(clone->welcomes.empty());

  const auto again = world.Connect("d1");
  world.Settle();
  ASSERT_TRUE(again->closed.has_value());
  EXPECT_EQ(again->closed->code(), StatusCode::kAlreadyExists);
  const auto audit = world.store.AuditPage(0, 10);
  ASSERT_EQ(audit->size(), 1U);
  EXPECT_EQ(audit->front().action(), "device.clone_suspected");
}

TEST(FleetSession, RefusesAHelloForAnotherDeviceThanTheCertificates) {
  FleetWorld world;
  world.Enrol("d1");
  world.Enrol("d2");
  const auto session = std::make_shared<FakeDeviceSession>();
  world.fleet->sessions().OnHello(world.PeerOf("d1"), session, FleetWorld::HelloOf("d2"));
  ASSERT_TRUE(session->closed.has_value());
  EXPECT_EQ(session->closed->code(), StatusCode::kPermissionDenied);
}

TEST(FleetSession, RefusesADeviceThatWasNeverEnrolled) {
  FleetWorld world;
  const auto session = world.Connect("stranger");
  ASSERT_TRUE(session->closed.has_value());
  EXPECT_EQ(session->closed->code(), StatusCode::kPermissionDenied);
}

TEST(FleetSession, RefusesAHelloBeyondItsLimits) {
  FleetWorld world;
  world.Enrol("d1");
  v1::Hello hello = FleetWorld::HelloOf("d1");
  hello.set_machine_fingerprint("short");
  const auto session = std::make_shared<FakeDeviceSession>();
  world.fleet->sessions().OnHello(world.PeerOf("d1"), session, hello);
  ASSERT_TRUE(session->closed.has_value());
  EXPECT_EQ(session->closed->code(), StatusCode::kInvalidArgument);
}

TEST(FleetSession, LooksUpOnlyAnOutboxThatIsNotTheDevicesFirst) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  EXPECT_EQ(world.Device("d1").last_report().seq(), 1U) << "nothing had to be read before it";
}

TEST(FleetSession, AcknowledgesAReportOnlyAfterTheCommit) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.loop->RunReady();
  EXPECT_TRUE(session->acks.empty());
  world.Settle();
  ASSERT_EQ(session->acks.size(), 1U);
  EXPECT_EQ(session->acks[0].boot_epoch(), 1U);
  EXPECT_EQ(session->acks[0].durable_seq(), 1U);
  EXPECT_EQ(world.store.LastReportSeq("d1", 1).value_or(0), 1U);
}

TEST(FleetSession, AcknowledgesAResentReportWithoutTakingItTwice) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.Settle();
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_SUCCEEDED);
  EXPECT_EQ(world.commits->waiting(), 0U);
  ASSERT_EQ(session->acks.size(), 2U);
  EXPECT_EQ(session->acks[1].durable_seq(), 1U);
  EXPECT_EQ(world.Device("d1").last_report().state(), v1::DEPLOYMENT_STATE_ACCEPTED);
}

TEST(FleetSession, DoesNotAcknowledgeAResentReportThatIsNotDurableYet) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.loop->RunReady();
  EXPECT_TRUE(session->acks.empty());
}

TEST(FleetSession, LooksUpAnOutboxItDoesNotHaveAtHand) {
  FleetWorld world;
  world.Enrol("d1");
  const auto first = world.Connect("d1", 1);
  world.Settle();
  world.Report("d1", *first, 1, v1::DEPLOYMENT_STATE_ACCEPTED, 1);
  world.Report("d1", *first, 2, v1::DEPLOYMENT_STATE_DOWNLOADING, 1);
  world.Settle();
  const auto second = world.Connect("d1", 2);
  world.Settle();
  EXPECT_EQ(second->welcomes.at(0).durable_seq(), 0U);

  // The state of before comes back, as from an image: what is durable of it is not taken again.
  const auto third = world.Connect("d1", 1);
  world.Report("d1", *third, 2, v1::DEPLOYMENT_STATE_SUCCEEDED, 1);
  world.Report("d1", *third, 3, v1::DEPLOYMENT_STATE_VERIFYING, 1);
  world.Settle();
  EXPECT_EQ(third->welcomes.at(0).durable_seq(), 2U);
  EXPECT_EQ(third->acks.back().durable_seq(), 3U);
  EXPECT_EQ(world.store.RecentReports("d1", 10)->size(), 3U);
  EXPECT_EQ(world.Device("d1").last_report().state(), v1::DEPLOYMENT_STATE_VERIFYING);
}

TEST(FleetSession, ClosesAReportOfAnotherOutboxThanTheHellos) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1", 1);
  world.Settle();
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED, 99);
  ASSERT_TRUE(session->closed.has_value());
  EXPECT_EQ(session->closed->code(), StatusCode::kInvalidArgument);
}

TEST(FleetSession, ClosesTheOpenSessionOfARevokedDeviceAtOnce) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  Status answer = Internal("no answer");
  world.fleet->RevokeDevice("d1", "stolen", "operator:alice",
                            [&](const auto& device) { answer = device.status(); });
  ASSERT_TRUE(session->closed.has_value());
  EXPECT_EQ(session->closed->code(), StatusCode::kUnauthenticated);
  EXPECT_TRUE(world.fleet->revocations().Contains("5ed1"));
  EXPECT_TRUE(world.fleet->revocations().ContainsDevice("d1"));
  EXPECT_FALSE(answer.ok());
  world.Settle();
  EXPECT_TRUE(answer.ok()) << answer;

  const auto again = world.Connect("d1");
  ASSERT_TRUE(again->closed.has_value());
  EXPECT_EQ(ReasonNumber(*again->closed), v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  EXPECT_EQ(world.store.AuditPage(0, 1)->front().actor(), "operator:alice");
}

TEST(FleetSession, CoalescesConditionsIntoOneWriteWithinTwoSeconds) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  v1::Condition condition;
  for (const v1::DiskBand disk : {v1::DISK_BAND_AMPLE, v1::DISK_BAND_LOW, v1::DISK_BAND_CRITICAL}) {
    condition.set_disk(disk);
    world.fleet->sessions().OnCondition("d1", session.get(), condition);
  }
  EXPECT_EQ(world.commits->waiting(), 0U);
  world.loop->Advance(absl::Seconds(2));
  EXPECT_EQ(world.commits->waiting(), 1U);
  world.Settle();
  EXPECT_EQ(world.store.Load()->devices.at(0).record.condition().disk(), v1::DISK_BAND_CRITICAL);
}

TEST(FleetSession, WritesPresenceOnceAnHourAndRoundedToIt) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  std::size_t commits = 0;
  for (int minute = 0; minute < 150; ++minute) {
    world.fleet->sessions().OnHeartbeat("d1", session.get());
    world.loop->Advance(absl::Minutes(1));
    commits += world.commits->waiting();
    world.Settle();
  }
  EXPECT_EQ(commits, 2U);
  EXPECT_EQ(world.store.Load()->devices.at(0).record.last_seen_at().seconds() % 3600, 0);
}

TEST(FleetSession, LivenessFollowsTheSilenceAndEndsADeadStream) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.Advance(absl::Seconds(110));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_ONLINE);
  world.Advance(absl::Seconds(30));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_LATE);
  EXPECT_TRUE(session->open());
  world.Advance(absl::Seconds(500));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_OFFLINE);
  EXPECT_FALSE(session->open());
}

TEST(FleetSession, AFewSessionsAreDrainedAtOnceAndToldToComeBackLater) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  bool drained = false;
  world.fleet->Drain(absl::Seconds(7), [&] { drained = true; });
  world.Settle();
  EXPECT_TRUE(drained);
  ASSERT_EQ(session->drains.size(), 1U);
  EXPECT_EQ(session->drains[0].spread().seconds(), 5);
  EXPECT_EQ(session->closed->code(), StatusCode::kUnavailable);
}

TEST(FleetSession, ADeviceThatOpensASessionNowAndThenIsNotOfflineBetween) {
  FleetWorld world;
  world.Enrol("d1");
  v1::Hello hello = FleetWorld::HelloOf("d1");
  (*hello.mutable_facts()->mutable_labels())["session-every"] = "900";
  const auto session = std::make_shared<FakeDeviceSession>();
  world.fleet->sessions().OnHello(world.PeerOf("d1"), session, hello);
  world.Settle();
  world.fleet->sessions().OnDisconnect("d1", session.get());
  world.Advance(absl::Minutes(25));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_ONLINE);
  world.Advance(absl::Minutes(10));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_LATE);
}

TEST(FleetSession, DevicesOfTheSameAssignmentsShareTheBytesThatAreSent) {
  FleetWorld world;
  world.AddRelease("1.0.0", 1);
  std::vector<std::shared_ptr<FakeDeviceSession>> sessions;
  for (const char* id : {"d1", "d2"}) {
    world.Enrol(id);
    sessions.push_back(world.Connect(id));
  }
  world.Settle();
  ASSERT_TRUE(world.StartRollout("r1", "1.0.0").ok());
  world.Advance(absl::Seconds(2));
  const DesiredFrame& one = sessions[0]->frames.back();
  const DesiredFrame& other = sessions[1]->frames.back();
  ASSERT_FALSE(one.assignments->empty());
  EXPECT_EQ(one.assignments.get(), other.assignments.get());
}

TEST(FleetSession, TellsItsOwnerWhenACommitFailsForGood) {
  FleetWorld world;
  world.Enrol("d1");
  const auto session = world.Connect("d1");
  world.Settle();
  world.store.FailNext(DataLoss("damaged"));
  world.Report("d1", *session, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world.Settle();
  EXPECT_EQ(world.failure.code(), StatusCode::kDataLoss);
  EXPECT_TRUE(session->acks.empty());
}

TEST(FleetSession, ADeviceIsNotSilentWhileItsHelloWaitsForTheDisk) {
  FleetWorld world;
  world.Enrol("d1");
  (void)world.Connect("d1");
  world.Settle();
  const auto session = world.Connect("d1");
  world.loop->Advance(absl::Seconds(1000));  // nothing is committed meanwhile
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_ONLINE);
  EXPECT_TRUE(session->open());
  world.Settle();
  ASSERT_EQ(session->welcomes.size(), 1U);
  world.Advance(absl::Seconds(80));
  EXPECT_EQ(world.Device("d1").liveness(), v1::LIVENESS_ONLINE);
}

}  // namespace
}  // namespace flotilla::controller
