// A fleet that was restored from a backup, and the devices that know better.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/backup/restore_change.h"
#include "controller/fleet/audit_check.h"
#include "controller/fleet/rollout_desk.h"
#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

class FleetRestored : public ::testing::Test {
 protected:
  // Everything as of now is in the backup.
  void TakeBackup() {
    backup_ = world_.store;
    manifest_.id = "0123456789abcdef";
    manifest_.taken_at = world_.loop->Now();
    manifest_.audit_seq = backup_.Load()->last_audit_seq;
  }
  // The process and its database are gone; the backup takes their place, some minutes later.
  void Restore() {
    world_.store = backup_;
    const FleetSnapshot snapshot = *world_.store.Load();
    const RestoreMark mark =
        MarkRestore(manifest_, snapshot, manifest_.taken_at + absl::Minutes(5), absl::Hours(24))
            .value();
    ASSERT_TRUE(world_.store.Commit(RestoreChange(manifest_, snapshot, mark)).ok());
    world_.restored = RestoredFleet{mark.backup_id, mark.taken_at, mark.restored_at,
                                    mark.session_epoch, mark.readmit_until};
    world_.Restart();
    world_.loop->Advance(absl::Minutes(6));
    world_.Settle();
  }
  // A Hello of a device that runs this version of "pump".
  std::shared_ptr<FakeDeviceSession> Hello(const std::string& id, const std::string& version,
                                           std::uint64_t generation = 0) {
    v1::Hello hello = FleetWorld::HelloOf(id);
    hello.set_observed_generation(generation);
    v1::LineStatus& line = *hello.add_lines();
    line.set_line("pump");
    *line.mutable_current() = Release(version);
    auto session = std::make_shared<FakeDeviceSession>();
    world_.fleet->sessions().OnHello(world_.PeerOf(id), session, hello);
    world_.Settle();
    return session;
  }
  v1::ReleaseRef Release(const std::string& version) const {
    return world_.fleet->state().FindRelease("pump", version)->ref();
  }
  // One device takes this rollout to its end.
  void Succeed(const std::string& rollout, const std::string& version) {
    ASSERT_TRUE(world_.StartRollout(rollout, version).ok());
    world_.Advance(absl::Seconds(1));
    for (const auto state : {v1::DEPLOYMENT_STATE_ACCEPTED, v1::DEPLOYMENT_STATE_SUCCEEDED}) {
      world_.Report("d1", *session_, ++seq_, state);
      world_.Settle();
    }
    world_.Advance(absl::Seconds(6));
    ASSERT_EQ(world_.fleet->rollouts().Find(rollout)->state(), v1::ROLLOUT_STATE_COMPLETED);
  }
  void OneDeviceOn(const std::string& version) {
    world_.Enrol("d1");
    world_.AddRelease("1.0.0", 1);
    world_.AddRelease("2.0.0", 2);
    world_.AddRelease("3.0.0", 3);
    session_ = world_.Connect("d1");
    world_.Settle();
    Succeed("r1", version);
  }

  FleetWorld world_;
  MemoryFleetStore backup_;
  BackupManifest manifest_;
  std::shared_ptr<FakeDeviceSession> session_;
  std::uint64_t seq_ = 0;
};

TEST_F(FleetRestored, LeavesADeviceOnTheReleaseThatItGotAfterTheBackup) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  Succeed("r2", "2.0.0");
  ASSERT_NO_FATAL_FAILURE(Restore());

  const auto session = Hello("d1", "2.0.0");
  EXPECT_EQ(world_.Device("d1").lines(0).current().version(), "2.0.0");
  ASSERT_FALSE(session->desired.empty());
  EXPECT_EQ(session->desired.back().assignments_size(), 0)
      << "the baseline of the backup is 1.0.0: " << session->desired.back().DebugString();
  EXPECT_EQ(world_.Device("d1").labels().at(kRestoreHeldLabel).substr(0, 5), "pump:");
  std::vector<std::string> told;
  world_.fleet->ExplainDevice("d1", [&](const auto& answer) {
    told.assign(answer->lines().begin(), answer->lines().end());
  });
  world_.Settle();
  EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const std::string& line) {
    return line.find("a new rollout decides") != std::string::npos;
  }));
}

TEST_F(FleetRestored, SaysTheSameToADeviceThatComesBack) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  Succeed("r2", "2.0.0");
  ASSERT_NO_FATAL_FAILURE(Restore());
  Hello("d1", "2.0.0");
  const auto again = Hello("d1", "2.0.0");
  ASSERT_FALSE(again->desired.empty());
  for (const v1::DesiredState& desired : again->desired) {
    EXPECT_EQ(desired.assignments_size(), 0) << desired.DebugString();
  }
}

TEST_F(FleetRestored, GoesOnAsBeforeWithADeviceThatDidNotChange) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  ASSERT_NO_FATAL_FAILURE(Restore());
  const auto session = Hello("d1", "1.0.0");
  ASSERT_EQ(session->desired.back().assignments_size(), 1);
  EXPECT_EQ(session->desired.back().assignments(0).release().version(), "1.0.0");
  EXPECT_FALSE(world_.Device("d1").labels().contains(kRestoreHeldLabel));
}

TEST_F(FleetRestored, TakesARolloutThatItKnowsBackFromADeviceThatHasConfirmedIt) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  ASSERT_TRUE(world_.StartRollout("r2", "2.0.0").ok());
  world_.Advance(absl::Seconds(1));
  TakeBackup();
  ASSERT_NO_FATAL_FAILURE(Restore());
  const auto session = Hello("d1", "2.0.0");  // as the rollout of the backup wants it
  EXPECT_FALSE(world_.Device("d1").labels().contains(kRestoreHeldLabel));
  world_.Report("d1", *session, 3, v1::DEPLOYMENT_STATE_SUCCEEDED);
  world_.Settle();
  v1::ActOnRolloutRequest back;
  back.set_rollout_id("r2");
  back.set_action(v1::ROLLOUT_ACTION_ROLLBACK);
  world_.fleet->rollouts().Act(back, "operator:alice", [](const auto&) {});
  world_.Settle();
  ASSERT_EQ(session->desired.back().assignments_size(), 1);
  EXPECT_EQ(session->desired.back().assignments(0).release().version(), "1.0.0");
}

TEST_F(FleetRestored, IsNotMisledByOldReportsThatAreToldAgain) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  const v1::UpdateReport old = world_.Device("d1").last_report();
  TakeBackup();
  Succeed("r2", "2.0.0");
  ASSERT_NO_FATAL_FAILURE(Restore());
  const auto session = Hello("d1", "2.0.0");
  v1::UpdateReport again = old;  // it went to 1.0.0 and back to 2.0.0 in the time that was lost
  again.set_seq(seq_ + 1);
  again.set_rollout_id("lost");
  world_.fleet->sessions().OnReport("d1", session.get(), again);
  world_.Settle();
  for (const v1::DesiredState& desired : session->desired) {
    EXPECT_EQ(desired.assignments_size(), 0) << desired.DebugString();
  }
}

TEST_F(FleetRestored, LetsANewRolloutDecide) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  Succeed("r2", "2.0.0");
  ASSERT_NO_FATAL_FAILURE(Restore());
  session_ = Hello("d1", "2.0.0");
  Succeed("r3", "3.0.0");
  EXPECT_EQ(session_->desired.back().assignments(0).release().version(), "3.0.0");
  world_.Restart();
  const auto again = Hello("d1", "3.0.0");
  EXPECT_EQ(again->desired.back().assignments(0).release().version(), "3.0.0");
}

TEST_F(FleetRestored, LearnsAcknowledgedReportsThatADeviceTellsAgain) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  ASSERT_TRUE(world_.StartRollout("r2", "2.0.0").ok());
  world_.Advance(absl::Seconds(1));
  world_.Report("d1", *session_, 3, v1::DEPLOYMENT_STATE_ACCEPTED);
  world_.Settle();
  TakeBackup();
  world_.Report("d1", *session_, 4, v1::DEPLOYMENT_STATE_DOWNLOADING);
  world_.Report("d1", *session_, 5, v1::DEPLOYMENT_STATE_SUCCEEDED);
  world_.Settle();
  ASSERT_NO_FATAL_FAILURE(Restore());
  EXPECT_EQ(world_.fleet->rollouts().Find("r2")->state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_NE(world_.fleet->rollouts().Find("r2")->why().find("0123456789abcdef"), std::string::npos);

  const auto session = Hello("d1", "2.0.0");
  ASSERT_EQ(session->welcomes.size(), 1U);
  EXPECT_EQ(session->welcomes[0].durable_seq(), 3U) << "what the device is to tell again";
  world_.Report("d1", *session, 4, v1::DEPLOYMENT_STATE_DOWNLOADING);
  world_.Report("d1", *session, 5, v1::DEPLOYMENT_STATE_SUCCEEDED);
  world_.Settle();
  EXPECT_EQ(session->acks.back().durable_seq(), 5U);
  EXPECT_EQ(world_.fleet->rollouts().Devices("r2")->front().state(),
            v1::DEPLOYMENT_STATE_SUCCEEDED);
}

TEST_F(FleetRestored, NeverGivesTheNameOfALostRolloutAgain) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  Succeed("r2", "2.0.0");
  const v1::UpdateReport last = world_.Device("d1").last_report();
  ASSERT_NO_FATAL_FAILURE(Restore());
  const auto session = Hello("d1", "2.0.0");
  world_.fleet->sessions().OnReport("d1", session.get(), last);
  world_.Settle();
  EXPECT_EQ(world_.StartRollout("r2", "2.0.0").code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(world_.StartRollout("r2-again", "2.0.0").ok());
}

TEST_F(FleetRestored, CountsGenerationsAndSessionsOnFromWhatDevicesHaveSeen) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  Succeed("r2", "2.0.0");
  const std::uint64_t seen = world_.Device("d1").desired_generation();
  const std::uint64_t epoch = session_->welcomes.back().session_epoch();
  ASSERT_NO_FATAL_FAILURE(Restore());
  ASSERT_LT(world_.Device("d1").desired_generation(), seen);
  const auto session = Hello("d1", "2.0.0", seen);
  EXPECT_GT(session->desired.back().generation(), seen);
  EXPECT_GT(session->welcomes.back().session_epoch(), epoch);
}

TEST_F(FleetRestored, ContinuesTheAuditLogAndSaysWhatItWasRestoredFrom) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  TakeBackup();
  Succeed("r2", "2.0.0");
  ASSERT_NO_FATAL_FAILURE(Restore());
  const auto page = world_.store.AuditPage(0, 1);
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().action(), "controller.restored");
  EXPECT_EQ(page->front().subject(), "backup/0123456789abcdef");
  EXPECT_EQ(page->front().seq(), manifest_.audit_seq + 1);
  AuditCheck found;
  found.verdict = Internal("no answer");
  CheckAuditLog(*world_.fleet, [&](const AuditCheck& check) { found = check; });
  world_.Settle();
  EXPECT_TRUE(found.verdict.ok()) << found.verdict;
}

TEST_F(FleetRestored, TakesADeviceBackThatEnrolledAfterTheBackup) {
  world_.Enrol("d1");
  TakeBackup();
  ASSERT_NO_FATAL_FAILURE(Restore());
  SessionPeer peer = world_.PeerOf("d2");
  peer.public_key = Digest::FromHex(std::string(64, 'a')).value();
  peer.not_before = manifest_.taken_at + absl::Minutes(1);
  const auto session = std::make_shared<FakeDeviceSession>();
  world_.fleet->sessions().OnHello(peer, session, FleetWorld::HelloOf("d2"));
  world_.Settle();
  EXPECT_TRUE(session->open());
  EXPECT_EQ(session->welcomes.size(), 1U);
  ASSERT_NE(world_.fleet->state().FindDevice("d2"), nullptr);
  EXPECT_NE(world_.fleet->state().FindCertificate(peer.serial_hex), nullptr);
  EXPECT_EQ(world_.store.AuditPage(0, 1)->front().action(), "device.readmitted");
}

TEST_F(FleetRestored, RefusesACertificateOfAnotherTime) {
  world_.Enrol("d1");
  TakeBackup();
  ASSERT_NO_FATAL_FAILURE(Restore());
  for (const Time not_before :
       {manifest_.taken_at - absl::Hours(2), manifest_.taken_at + absl::Hours(7)}) {
    SessionPeer peer = world_.PeerOf("d2");
    peer.not_before = not_before;
    const auto session = std::make_shared<FakeDeviceSession>();
    world_.fleet->sessions().OnHello(peer, session, FleetWorld::HelloOf("d2"));
    EXPECT_FALSE(session->open());
  }
  world_.loop->Advance(absl::Hours(48));  // longer than such devices are let in
  SessionPeer late = world_.PeerOf("d2");
  late.not_before = manifest_.taken_at + absl::Minutes(1);
  const auto session = std::make_shared<FakeDeviceSession>();
  world_.fleet->sessions().OnHello(late, session, FleetWorld::HelloOf("d2"));
  EXPECT_FALSE(session->open());
}

TEST_F(FleetRestored, TakesARenewedCertificateOfAKnownDevice) {
  ASSERT_NO_FATAL_FAILURE(OneDeviceOn("1.0.0"));
  FleetChange keyed;
  keyed.devices.push_back(*world_.fleet->state().FindStored("d1"));
  keyed.devices[0].public_key = Digest::FromHex(std::string(64, 'b')).value();
  world_.fleet->Apply(std::move(keyed), nullptr);
  world_.Settle();
  TakeBackup();
  ASSERT_NO_FATAL_FAILURE(Restore());
  SessionPeer peer = world_.PeerOf("d1");
  peer.serial_hex = "5ed1again";
  peer.public_key = Digest::FromHex(std::string(64, 'c')).value();
  auto session = std::make_shared<FakeDeviceSession>();
  world_.fleet->sessions().OnHello(peer, session, FleetWorld::HelloOf("d1"));
  EXPECT_FALSE(session->open()) << "of no known time";
  peer.not_before = manifest_.taken_at + absl::Minutes(1);
  session = std::make_shared<FakeDeviceSession>();
  world_.fleet->sessions().OnHello(peer, session, FleetWorld::HelloOf("d1"));
  world_.Settle();
  EXPECT_TRUE(session->open());
  EXPECT_EQ(world_.Device("d1").certificate_serial(), "5ed1again");
  peer.serial_hex = "5ed1third";
  peer.public_key = Digest::FromHex(std::string(64, 'd')).value();
  session = std::make_shared<FakeDeviceSession>();
  world_.fleet->sessions().OnHello(peer, session, FleetWorld::HelloOf("d1"));
  EXPECT_FALSE(session->open()) << "once";
}

}  // namespace
}  // namespace flotilla::controller
