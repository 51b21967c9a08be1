// Roots that replace online keys, roles that lapse or are revoked, and the first root.
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/durable_fs.h"
#include "base/file.h"
#include "base/status.h"
#include "security/sha256.h"
#include "security/tuf/key.h"
#include "security/tuf/repository.h"
#include "tests/unit/controller/release/catalogue_fixture.h"

namespace flotilla::controller {
namespace {

class FirstRoot : public CatalogueFixture {};

TEST_F(FirstRoot, IsTheOneTheControllerWasTold) {
  first_root_ = security::Sha256(AsBytes("another root"));
  catalogue_ = OpenAt(kNow, fs_);
  SignRelease("1.0.0", 1);
  ExpectRefused(Publish({"1.root.json", "targets.json", "models-pump.json"}),
                StatusCode::kPermissionDenied, v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  first_root_ = security::Sha256(publisher_.files().at("1.root.json"));
  catalogue_ = OpenAt(kNow, fs_);
  EXPECT_TRUE(Publish({"1.root.json", "targets.json", "models-pump.json"}).ok());
}

class OnlineKeyRotation : public CatalogueFixture {
 protected:
  // Root 2, in which the keys of these roles are replaced by "<role>-2".
  void ReplaceKeys(const std::vector<std::string>& roles) {
    tuf::Draft root = publisher_.Edit("root");
    for (const std::string& role : roles) {
      EXPECT_TRUE(root.DropKey(role, tuf::KeyId(publisher_.Key(role).public_key())).ok());
      EXPECT_TRUE(root.AddKey(role, publisher_.Key(role + "-2").public_key()).ok());
    }
    publisher_.Put("root", root, {"root"});
  }
  // What a thief of the online keys makes of the served repository.
  void DriveUp(std::int64_t version) {
    const auto folder = Folder() / "metadata";
    tuf::Draft snapshot =
        tuf::Draft::Load(ReadFile(folder / "1.snapshot.json", 1 << 20).value()).value();
    snapshot.SetVersion(version);
    EXPECT_TRUE(snapshot.Sign(publisher_.Key("snapshot")).ok());
    const Bytes bytes = snapshot.Encode().value();
    tuf::Draft timestamp =
        tuf::Draft::Load(ReadFile(folder / "timestamp.json", 1 << 20).value()).value();
    timestamp.SetVersion(version);
    EXPECT_TRUE(timestamp.SetSnapshot(version, bytes).ok());
    EXPECT_TRUE(timestamp.Sign(publisher_.Key("timestamp")).ok());
    EXPECT_TRUE(
        DurableWrite(fs_, folder / (std::to_string(version) + ".snapshot.json"), bytes).ok());
    EXPECT_TRUE(DurableWrite(fs_, folder / "timestamp.json", timestamp.Encode().value()).ok());
    catalogue_ = OpenAt(kNow, fs_);
  }
};

TEST_F(OnlineKeyRotation, SignsWithTheKeysThatTheNewRootLists) {
  PublishFirst();
  ReplaceKeys({"timestamp", "snapshot"});
  const auto publication = Publish({"root.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  EXPECT_EQ(Served().value().versions.root, 2);
  ASSERT_TRUE(catalogue_->Refresh(kNow + absl::Hours(48)).ok());
  EXPECT_TRUE(Served(kNow + absl::Hours(48)).ok());
}

TEST_F(OnlineKeyRotation, RefusesARootWhoseOnlineKeysAreNotHere) {
  PublishFirst();
  tuf::Draft root = publisher_.Edit("root");
  EXPECT_TRUE(root.DropKey("timestamp", tuf::KeyId(publisher_.Key("timestamp").public_key())).ok());
  EXPECT_TRUE(root.AddKey("timestamp", publisher_.Key("elsewhere").public_key()).ok());
  publisher_.Put("root", root, {"root"});
  EXPECT_EQ(Publish({"root.json"}).status().code(), StatusCode::kFailedPrecondition);
  ExpectOnlyFirst();
}

TEST_F(OnlineKeyRotation, CountsAnewAfterAThiefDroveTheVersionsToTheirEnd) {
  PublishFirst();
  DriveUp(std::numeric_limits<std::int64_t>::max());
  ReplaceKeys({"timestamp", "snapshot"});
  const auto publication = Publish({"root.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  EXPECT_EQ(publication->timestamp_version, 1);
  EXPECT_EQ(publication->snapshot_version, 1);
  EXPECT_TRUE(Served().ok()) << Served().status();
}

TEST_F(OnlineKeyRotation, LetsTargetsFallOnlyTogetherWithTheKeysOfSnapshot) {
  PublishFirst();
  tuf::Draft high = publisher_.Edit("targets");
  high.SetVersion(100);
  publisher_.Put("targets", high, {"targets"});
  ASSERT_TRUE(Publish({"targets.json"}).ok());
  tuf::Draft low = publisher_.Edit("targets");
  low.SetVersion(5);
  publisher_.Put("targets", low, {"targets"});
  ExpectRefused(Publish({"targets.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
  ReplaceKeys({"timestamp"});
  ExpectRefused(Publish({"root.json", "targets.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
  publisher_.files().erase("2.root.json");
  publisher_.files()["root.json"] = publisher_.files().at("1.root.json");
  ReplaceKeys({"timestamp", "snapshot"});
  const auto publication = Publish({"root.json", "targets.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  EXPECT_EQ(Served().value().versions.targets, 5);
}

TEST_F(OnlineKeyRotation, SignsAnewAfterACrashBetweenTheRootAndItsTimestamp) {
  PublishFirst();
  ReplaceKeys({"timestamp", "snapshot"});
  ASSERT_TRUE(
      DurableWrite(fs_, Folder() / "metadata/2.root.json", publisher_.files().at("2.root.json"))
          .ok());
  catalogue_ = OpenAt(kNow, fs_);
  const auto served = Served();
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.root, 2);
}

TEST_F(OnlineKeyRotation, CountsAnewAfterACrashBetweenTheRootAndItsTimestamp) {
  PublishFirst();
  DriveUp(std::numeric_limits<std::int64_t>::max());
  ReplaceKeys({"snapshot"});  // devices forget the timestamp too
  ASSERT_TRUE(
      DurableWrite(fs_, Folder() / "metadata/2.root.json", publisher_.files().at("2.root.json"))
          .ok());
  catalogue_ = OpenAt(kNow, fs_);
  const auto served = Served();
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.snapshot, 1);
  EXPECT_EQ(served->versions.timestamp, 1);
}

// A second line, whose metadata ends on the first day.
class LapsedRole : public CatalogueFixture {
 protected:
  void SetUp() override {
    CatalogueFixture::SetUp();
    PublishFirst();
    tuf::DelegationSpec spec;
    spec.name = "models-fan";
    spec.keys.push_back(publisher_.Key("models-fan").public_key());
    spec.paths.emplace_back("models-fan/*");
    publisher_.Delegate(spec, kNow + absl::Hours(24));
    ASSERT_TRUE(Publish({"targets.json", "models-fan.json"}).ok());
    later_ = kNow + absl::Hours(48);
  }
  Time later_;
};

TEST_F(LapsedRole, HindersNeitherOtherRolesNorItsOwnRenewal) {
  SignRelease("2.0.0", 2);
  const auto other = Publish({"models-pump.json"}, later_);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(catalogue_->Releases().size(), 2U);
  tuf::Draft renewed = publisher_.Edit("models-fan");
  renewed.SetExpires(later_ + absl::Hours(24));
  publisher_.Put("models-fan", renewed, {"models-fan"});
  const auto own = Publish({"models-fan.json"}, later_);
  EXPECT_TRUE(own.ok()) << own.status();
}

TEST_F(LapsedRole, IsNotPublishedLapsed) {
  tuf::Draft late = publisher_.Edit("models-fan");
  publisher_.Put("models-fan", late, {"models-fan"});
  ExpectRefused(Publish({"models-fan.json"}, later_), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS);
}

TEST_F(LapsedRole, OffersNoReleaseMeanwhile) {
  ASSERT_EQ(catalogue_->Releases().size(), 1U);
  tuf::Draft pump = publisher_.Edit(kRole);
  AddRelease(pump, "2.0.0", 2);
  pump.SetExpires(kNow + absl::Hours(24));
  publisher_.Put(kRole, pump, {kRole});
  ASSERT_TRUE(Publish({"models-pump.json"}).ok());
  ASSERT_EQ(catalogue_->Releases().size(), 2U);
  catalogue_ = OpenAt(later_, fs_);
  EXPECT_TRUE(catalogue_->Releases().empty());
}

TEST_F(LapsedRole, ARevokedDelegationHindersNobody) {
  tuf::Draft targets = publisher_.Edit("targets");
  ASSERT_TRUE(targets.RemoveDelegation("models-fan").ok());
  publisher_.Put("targets", targets, {"targets"});
  const auto revoked = Publish({"targets.json"});
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  SignRelease("2.0.0", 2);
  EXPECT_TRUE(Publish({"models-pump.json"}).ok());
}

}  // namespace
}  // namespace flotilla::controller
