#include "ota/update_runner.h"

#include <cstdint>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "tests/unit/ota/device_rig.h"

namespace flotilla::ota {
namespace {

using testing::HasSubstr;

class UpdateRunnerTest : public testing::Test {
 protected:
  UpdateRunnerTest() : device_(world_, dir_.path(), fs_) {
    v1_ = world_.Release("1.0.0", 1, 1);
    EXPECT_TRUE(device_.Start().ok());
  }

  // The bytes of the last release's model on the server.
  Bytes& ServedModel() {
    return *world_.blobs.Find(ReleaseRepository::UrlPath(
        world_.repository.last_document().variants.front().model().target));
  }
  void Restart() {
    device_.~DeviceRig();
    new (&device_) DeviceRig(world_, dir_.path(), fs_);
    ASSERT_TRUE(device_.Start().ok());
  }

  TempDir dir_;
  OsDurableFs fs_;
  World world_;
  DeviceRig device_;
  v1::ReleaseRef v1_;
};

TEST_F(UpdateRunnerTest, InstallsTheFirstReleaseAndRunsItAfterConfirm) {
  ASSERT_EQ(OkStatus(), device_.Update(v1_));
  EXPECT_EQ("1.0.0", device_.current());
  EXPECT_FALSE(device_.slots().active().trial());
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().current()));
  EXPECT_EQ("full", device_.trace().variant);
  EXPECT_EQ(95U, device_.trace().score->correct());
  EXPECT_EQ(50U, device_.trace().score->floor_percent());
  EXPECT_GT(device_.trace().bytes_fetched, 30'000U);
}

TEST_F(UpdateRunnerTest, TellsEachStateInOrder) {
  ASSERT_TRUE(device_.Prepare(v1_).ok());
  EXPECT_THAT(device_.observer().states,
              testing::ElementsAre(v1::DEPLOYMENT_STATE_DOWNLOADING, v1::DEPLOYMENT_STATE_VERIFYING,
                                   v1::DEPLOYMENT_STATE_STAGED, v1::DEPLOYMENT_STATE_SELF_TESTING));
}

TEST_F(UpdateRunnerTest, DoesNothingForTheReleaseThatRuns) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const int requests = world_.repository.requests();
  const StatusOr<PrepareResult> again = device_.Prepare(v1_);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(PrepareOutcome::kAlreadyCurrent, again->outcome);
  EXPECT_EQ(requests, world_.repository.requests());
}

TEST_F(UpdateRunnerTest, GoesBackToThePreviousReleaseLongAfterConfirm) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  ASSERT_TRUE(device_.Update(second).ok());
  ASSERT_EQ("2.0.0", device_.current());
  Restart();
  ASSERT_EQ(OkStatus(),
            device_.slots().RollBack(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, MarkMode::kMarkBad));
  EXPECT_EQ("1.0.0", device_.current());
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().current()));
}

TEST_F(UpdateRunnerTest, NeverTriesAMarkedReleaseAgainUntilItIsCleared) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  world_.tester.Answer(60, 95, 100);
  const Status refused = device_.Prepare(second).status();
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_SMOKE_FAILED, ReasonNumber(refused));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_REVERTED, FailureState(refused));
  EXPECT_EQ(60U, device_.trace().score->correct());
  world_.tester.Answer(99, 95, 100);
  Restart();
  const std::size_t tests = world_.tester.tested().size();
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_MARKED_BAD, ReasonNumber(device_.Prepare(second).status()));
  EXPECT_EQ(tests, world_.tester.tested().size());
  EXPECT_EQ("1.0.0", device_.current());
  ASSERT_EQ(OkStatus(),
            device_.slots().ClearBad(Digest::FromBytes(AsBytes(second.sha256())).value()));
  EXPECT_EQ(OkStatus(), device_.Update(second));
  EXPECT_EQ("2.0.0", device_.current());
}

TEST_F(UpdateRunnerTest, RefusesAByteFlippedOnTheServerAndKeepsTheRest) {
  Bytes& model = ServedModel();
  model[model.size() / 2] ^= 1U;
  const Status refused = device_.Prepare(v1_).status();
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH, ReasonNumber(refused));
  EXPECT_EQ(StatusCode::kDataLoss, refused.code());
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, FailureState(refused));
  EXPECT_TRUE(IsAttackSuspected(refused));
  model[model.size() / 2] ^= 1U;
  const std::uint64_t before = world_.blobs.bytes_served();
  EXPECT_EQ(OkStatus(), device_.Update(v1_));
  EXPECT_LT(world_.blobs.bytes_served() - before, model.size() * 3 / 4);
}

TEST_F(UpdateRunnerTest, BreaksTheLoopAfterFourFailedTransactions) {
  ServedModel().back() ^= 1U;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH,
              ReasonNumber(device_.Prepare(v1_).status()));
  }
  const Status broken = device_.Prepare(v1_).status();
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_LOOP_BROKEN, ReasonNumber(broken));
  EXPECT_FALSE(IsRetryable(broken));
}

TEST_F(UpdateRunnerTest, RefusesAnArtifactOfAnotherLength) {
  ServedModel().push_back(0);
  const Status refused = device_.Prepare(v1_).status();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH, ReasonNumber(refused));
  EXPECT_EQ("", device_.current());
}

TEST_F(UpdateRunnerTest, RefusesAReleaseThatNobodySigned) {
  v1::ReleaseRef unsigned_release = v1_;
  unsigned_release.set_version("9.9.9");
  unsigned_release.set_target_path("models-pump/9.9.9.release.json");
  const Status refused = device_.Prepare(unsigned_release).status();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND, ReasonNumber(refused));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE, FailureState(refused));
}

TEST_F(UpdateRunnerTest, RefusesMetadataSignedByTheWrongRole) {
  // The line's role as another line's key signs it.
  MemoryBlobFetcher other_blobs;
  ReleaseRepository other(TestLine(), world_.clock.Now(), other_blobs);
  other.Publish(world_.clock.Now());
  world_.repository.files()["2.models-pump.json"] = other.files()["2.models-pump.json"];
  const Status refused = device_.Prepare(v1_).status();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_THRESHOLD, ReasonNumber(refused));
  EXPECT_THAT(MessageOf(refused), HasSubstr("models-pump"));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE, FailureState(refused));
}

TEST_F(UpdateRunnerTest, RefusesAnExpiredTimestamp) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  world_.clock.Advance(absl::Hours(4 * 24));
  const Status refused = device_.Prepare(second).status();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP, ReasonNumber(refused));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_REJECTED_EXPIRED_METADATA, FailureState(refused));
  EXPECT_TRUE(IsRetryable(refused));
  EXPECT_EQ("1.0.0", device_.current());
}

TEST_F(UpdateRunnerTest, RefusesAnOlderRepository) {
  const tuf::RepositoryFiles old = world_.repository.files();
  ASSERT_TRUE(device_.Update(v1_).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  ASSERT_TRUE(device_.Update(second).ok());
  world_.repository.files() = old;
  const v1::ReleaseRef third = world_.Release("3.0.0", 3, 3);
  world_.repository.files()["timestamp.json"] = old.at("timestamp.json");
  const Status refused = device_.Prepare(third).status();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP, ReasonNumber(refused));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_REJECTED_ROLLBACK_ATTACK, FailureState(refused));
  EXPECT_EQ("2.0.0", device_.current());
}

TEST_F(UpdateRunnerTest, RefusesAnAssignmentThatDiffersFromThePublisher) {
  for (const std::string field : {"sha256", "counter", "version", "path"}) {
    v1::ReleaseRef ref = v1_;
    if (field == "sha256") {
      ref.mutable_sha256()->front() = static_cast<char>(ref.sha256().front() ^ 1);
    } else if (field == "counter") {
      ref.set_release_counter(7);
    } else if (field == "version") {
      ref.set_version("1.0.1");
    } else {
      ref.set_target_path("models-pump/1.0.0-full.gguf");
    }
    EXPECT_EQ(v1::FAILURE_REASON_TRUST_ASSIGNMENT_MISMATCH,
              ReasonNumber(device_.Prepare(ref).status()))
        << field;
  }
}

TEST_F(UpdateRunnerTest, RefusesAReleaseBelowThePublishersFloorForGood) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const tuf::RepositoryFiles before_floor = world_.repository.files();
  world_.repository.RaiseFloor(2);
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  ASSERT_TRUE(device_.Update(second).ok());
  EXPECT_EQ(2U, device_.slots().floor());
  const Status refused = device_.Prepare(v1_).status();
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_RELEASE_FLOOR, ReasonNumber(refused));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_REJECTED_FLOOR, FailureState(refused));
  Restart();
  EXPECT_EQ(2U, device_.slots().floor());
}

TEST_F(UpdateRunnerTest, ForgetsAFloorOnlyWhenRootResetsIt) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  world_.repository.RaiseFloor(7);  // what a thief of the line's key would do
  world_.repository.Publish(world_.clock.Now());
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_RELEASE_FLOOR,
            ReasonNumber(device_.Prepare(world_.Release("2.0.0", 2, 2)).status()));
  EXPECT_EQ(7U, device_.slots().floor());
  world_.repository.ResetFloor(1);
  world_.repository.Publish(world_.clock.Now());
  const Status reset = device_.Update(world_.Release("2.0.1", 3, 3));
  EXPECT_TRUE(reset.ok()) << reset;
}

TEST_F(UpdateRunnerTest, RefusesWhatThePublisherBlocks) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  world_.repository.Block(world_.repository.last_document().variants.front().model().target.sha256);
  world_.repository.Publish(world_.clock.Now());
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_BLOCKLISTED, ReasonNumber(device_.Prepare(second).status()));
}

TEST_F(UpdateRunnerTest, RefusesADocumentThatNamesAnotherHashThanTheMetadata) {
  ReleaseSpec spec;
  spec.version = "2.0.0";
  spec.counter = 2;
  spec.model = ServedModel();
  spec.edit = [](ReleaseDocument& document) {
    document.variants.front().files.front().target.sha256 =
        document.variants.front().files.front().map.sha256;
  };
  const v1::ReleaseRef second = world_.repository.Add(spec);
  world_.repository.Publish(world_.clock.Now());
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_HASH_MISMATCH, ReasonNumber(device_.Prepare(second).status()));
}

TEST_F(UpdateRunnerTest, FinishesAStagedUpdateWithoutALinkEvenWhenMetadataHasExpired) {
  const StatusOr<PrepareResult> staged = device_.Prepare(v1_);
  ASSERT_TRUE(staged.ok());
  Restart();
  ASSERT_EQ(RecoveryAction::kResume, device_.plan().action);
  EXPECT_EQ("r1", device_.plan().open->rollout_id());
  world_.clock.Advance(absl::Hours(24 * 30));
  world_.repository.set_offline(
      WithReason(Unavailable("no route"), v1::FAILURE_REASON_FETCH_CONNECT));
  const StatusOr<PrepareResult> again = device_.Prepare(v1_);
  ASSERT_EQ(OkStatus(), again.status());
  EXPECT_EQ(staged->txn, again->txn);
  EXPECT_EQ(OkStatus(), device_.slots().Activate(again->txn));
  EXPECT_EQ("1.0.0", device_.current());
}

TEST_F(UpdateRunnerTest, CancelsAStagedUpdateThatWasBlockedMeanwhile) {
  const StatusOr<PrepareResult> staged = device_.Prepare(v1_);
  ASSERT_TRUE(staged.ok());
  world_.repository.Block(Digest::FromBytes(AsBytes(v1_.sha256())).value());
  world_.repository.Publish(world_.clock.Now());
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_BLOCKLISTED, ReasonNumber(device_.Prepare(v1_).status()));
  EXPECT_FALSE(device_.slots().Activate(staged->txn).ok());
}

TEST_F(UpdateRunnerTest, GoesOnWhereABrokenLinkStopped) {
  const std::uint64_t size = ServedModel().size();
  world_.blobs.BreakAfter(size / 2 + 2000);
  const Status broken = device_.Prepare(v1_).status();
  EXPECT_EQ(StatusCode::kUnavailable, broken.code());
  EXPECT_TRUE(IsRetryable(broken));
  Restart();
  EXPECT_EQ(OkStatus(), device_.Update(v1_));
  // The model once, at most one leaf (a tensor of 4 KiB) twice, and the small files.
  EXPECT_LE(world_.blobs.bytes_served(), size + 4096 + 4000);
}

TEST_F(UpdateRunnerTest, StopsWhenAskedAndKeepsItsBytes) {
  std::stop_source stop;
  world_.blobs.OnRequest([&](const BlobRange& range) {
    if (range.total > 30'000) {
      stop.request_stop();
    }
  });
  EXPECT_EQ(StatusCode::kCancelled, device_.Prepare(v1_, stop.get_token()).status().code());
  EXPECT_TRUE(device_.slots().open_transaction().has_value());
  world_.blobs.OnRequest(nullptr);
  EXPECT_EQ(OkStatus(), device_.Update(v1_));
}

TEST_F(UpdateRunnerTest, RefusesBeforeTheFirstByteWhenTheDiskIsShort) {
  DeviceRig cramped(world_, dir_.path() / "cramped", fs_);
  std::uint64_t free_bytes = 1000;
  cramped.options().disk_space = [&](const std::filesystem::path&) {
    return DiskSpace{std::uint64_t{1} << 30, free_bytes};
  };
  ASSERT_TRUE(cramped.Start().ok());
  const Status full = cramped.Prepare(v1_).status();
  EXPECT_EQ(v1::FAILURE_REASON_STORAGE_NO_SPACE, ReasonNumber(full));
  EXPECT_FALSE(cramped.slots().open_transaction().has_value());
  free_bytes = std::uint64_t{200} << 20;
  EXPECT_EQ(v1::FAILURE_REASON_STORAGE_BUDGET, ReasonNumber(cramped.Prepare(v1_).status()));
  free_bytes = std::uint64_t{300} << 20;
  EXPECT_TRUE(cramped.Prepare(v1_).ok());
}

TEST_F(UpdateRunnerTest, DoesNotMarkAReleaseWhenTheTesterItselfFails) {
  world_.tester.Fail(DeadlineExceeded("the child did not answer"));
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT, ReasonNumber(device_.Prepare(v1_).status()));
  world_.tester.Answer(95, 95, 100);
  EXPECT_EQ(OkStatus(), device_.Update(v1_));
}

TEST_F(UpdateRunnerTest, StartsTheSelfTestAtMostFourTimesForOneTransaction) {
  std::stop_source stop;
  world_.tester.Fail(Cancelled("the agent went down"));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(StatusCode::kCancelled, device_.Prepare(v1_).status().code());
    Restart();
  }
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_LOOP_BROKEN, ReasonNumber(device_.Prepare(v1_).status()));
  EXPECT_EQ(4U, world_.tester.tested().size());
}

TEST_F(UpdateRunnerTest, RefusesToPrepareWhileAReleaseIsOnTrial) {
  const StatusOr<PrepareResult> ready = device_.Prepare(v1_);
  ASSERT_TRUE(device_.slots().Activate(ready->txn).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  EXPECT_EQ(StatusCode::kFailedPrecondition, device_.Prepare(second).status().code());
}

TEST_F(UpdateRunnerTest, KeepsThePreviousReleaseAndCollectsTheOneBefore) {
  ASSERT_TRUE(device_.Update(v1_).ok());
  const v1::InstalledRelease first = device_.slots().active().current();
  ASSERT_TRUE(device_.Update(world_.Release("2.0.0", 2, 2)).ok());
  EXPECT_TRUE(IsRunnable(device_.store(), first));
  ASSERT_TRUE(device_.Update(world_.Release("3.0.0", 3, 3)).ok());
  EXPECT_FALSE(IsRunnable(device_.store(), first));
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().previous()));
}

TEST_F(UpdateRunnerTest, TestsAReleaseWithoutGoldenPromptsByLoadingIt) {
  ReleaseSpec spec;
  spec.version = "2.0.0";
  spec.counter = 2;
  spec.model = ServedModel();
  const v1::ReleaseRef second = world_.repository.Add(spec);
  world_.repository.Publish(world_.clock.Now());
  world_.tester.Answer(0, 0, 0);
  EXPECT_EQ(OkStatus(), device_.Update(second));
  EXPECT_EQ("2.0.0", device_.current());
}

TEST_F(UpdateRunnerTest, MarksAModelThatIsNoGguf) {
  ReleaseSpec spec;
  spec.version = "2.0.0";
  spec.counter = 2;
  spec.model = Bytes(100'000, 7);
  const v1::ReleaseRef second = world_.repository.Add(spec);
  world_.repository.Publish(world_.clock.Now());
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_GGUF_INVALID,
            ReasonNumber(device_.Prepare(second).status()));
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_MARKED_BAD, ReasonNumber(device_.Prepare(second).status()));
}

}  // namespace
}  // namespace flotilla::ota
