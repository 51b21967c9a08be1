#include "controller/backup/restore_change.h"

#include <string>

#include <gtest/gtest.h>

#include "security/audit/audit_chain.h"

namespace flotilla::controller {
namespace {

const Time kTaken = absl::FromUnixSeconds(1'767'225'600);
const Time kNow = kTaken + absl::Hours(30);

BackupManifest Manifest() {
  BackupManifest manifest;
  manifest.id = "0123456789abcdef";
  manifest.taken_at = kTaken;
  manifest.snapshot_version = 12;
  manifest.timestamp_version = 40;
  return manifest;
}

FleetSnapshot Snapshot() {
  FleetSnapshot snapshot;
  snapshot.site_id = "site";
  snapshot.devices.resize(2);
  snapshot.devices[0].record.set_id("d1");
  snapshot.devices[0].session_epoch = 7;
  snapshot.devices[1].record.set_id("d2");
  return snapshot;
}

v1::Rollout Rollout(const std::string& id, v1::RolloutState state,
                    v1::PauseReason reason = v1::PAUSE_REASON_UNSPECIFIED) {
  v1::Rollout rollout;
  rollout.set_id(id);
  rollout.set_state(state);
  rollout.set_pause_reason(reason);
  rollout.add_waves()->set_state(v1::WAVE_STATE_DISPATCHING);
  return rollout;
}

TEST(MarkRestore, GoesOnAboveWhateverWasSignedOrCountedBefore) {
  const auto mark = MarkRestore(Manifest(), Snapshot(), kNow, absl::Hours(1));
  ASSERT_TRUE(mark.ok()) << mark.status();
  EXPECT_EQ(mark->least_version, 1'767'225'600U + 30 * 3600);
  EXPECT_EQ(mark->session_epoch, mark->least_version);
  EXPECT_EQ(mark->readmit_until, kNow + absl::Hours(1));
  const auto later = MarkRestore(Manifest(), Snapshot(), kNow + absl::Hours(1), absl::Hours(1));
  EXPECT_GT(later->least_version, mark->least_version + 3000)
      << "a second restore of the same backup begins above what the first one signed";
}

TEST(MarkRestore, TrustsHighNumbersMoreThanTheClock) {
  BackupManifest manifest = Manifest();
  manifest.timestamp_version = 2'000'000'000;
  FleetSnapshot snapshot = Snapshot();
  snapshot.devices[1].session_epoch = 3'000'000'000;
  const auto mark = MarkRestore(manifest, snapshot, kNow, absl::Hours(1));
  EXPECT_GT(mark->least_version, 2'000'000'000U);
  EXPECT_GT(mark->session_epoch, 3'000'000'000U);
}

TEST(MarkRestore, RefusesAClockBeforeTheBackup) {
  EXPECT_EQ(MarkRestore(Manifest(), Snapshot(), kTaken - absl::Seconds(1), absl::Hours(1))
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

TEST(RestoreChange, PausesWhatWouldGoOnByItselfAndNothingElse) {
  FleetSnapshot snapshot = Snapshot();
  snapshot.rollouts = {
      Rollout("running", v1::ROLLOUT_STATE_RUNNING),
      Rollout("offline", v1::ROLLOUT_STATE_PAUSED, v1::PAUSE_REASON_FLEET_CONNECTIVITY),
      Rollout("operator", v1::ROLLOUT_STATE_PAUSED, v1::PAUSE_REASON_OPERATOR),
      Rollout("done", v1::ROLLOUT_STATE_COMPLETED), Rollout("draft", v1::ROLLOUT_STATE_DRAFT)};
  const auto mark = MarkRestore(Manifest(), snapshot, kNow, absl::Hours(1));
  const FleetChange change = RestoreChange(Manifest(), snapshot, *mark);
  ASSERT_EQ(change.rollouts.size(), 2U);
  for (const v1::Rollout& rollout : change.rollouts) {
    EXPECT_EQ(rollout.state(), v1::ROLLOUT_STATE_PAUSED) << rollout.id();
    EXPECT_EQ(rollout.pause_reason(), v1::PAUSE_REASON_OPERATOR) << rollout.id();
    EXPECT_EQ(rollout.waves(0).state(), v1::WAVE_STATE_HELD) << rollout.id();
    EXPECT_NE(rollout.why().find("2026-01-01T00:00:00Z"), std::string::npos) << rollout.why();
  }
  ASSERT_EQ(change.devices.size(), 2U);
  EXPECT_EQ(change.devices[0].session_epoch, mark->session_epoch);
}

TEST(RestoreChange, ChainsItsAuditEntryToWhatIsThere) {
  FleetSnapshot snapshot = Snapshot();
  const auto mark = MarkRestore(Manifest(), snapshot, kNow, absl::Hours(1));
  const FleetChange first = RestoreChange(Manifest(), snapshot, *mark);
  security::AuditChecker checker({0, security::AuditGenesis("site")});
  ASSERT_EQ(first.audit.size(), 1U);
  EXPECT_TRUE(checker.Take(first.audit[0]).ok());
  EXPECT_EQ(first.audit[0].action(), "controller.restored");

  snapshot.last_audit_seq = 1;
  snapshot.last_audit_hash = checker.head().hash;
  const FleetChange second = RestoreChange(Manifest(), snapshot, *mark);
  EXPECT_TRUE(checker.Take(second.audit[0]).ok());
}

}  // namespace
}  // namespace flotilla::controller
