#include "controller/release/catalogue.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/status.h"
#include "security/tuf/key.h"
#include "security/tuf/repository.h"
#include "tests/unit/controller/release/catalogue_fixture.h"

namespace flotilla::controller {
namespace {

using CatalogueTest = CatalogueFixture;

TEST_F(CatalogueTest, PublishesWhatAFreshClientAccepts) {
  SignRelease("1.0.0", 1);
  const auto publication = Publish({"1.root.json", "targets.json", "models-pump.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  EXPECT_EQ(publication->snapshot_version, 1);
  EXPECT_EQ(publication->timestamp_version, 1);
  ASSERT_EQ(publication->added.size(), 1U);
  const v1::Release& release = publication->added[0];
  EXPECT_EQ(release.ref().line(), "pump");
  EXPECT_EQ(release.ref().version(), "1.0.0");
  EXPECT_EQ(release.ref().release_counter(), 1U);
  EXPECT_EQ(release.ref().target_path(), "models-pump/1.0.0.release.json");
  EXPECT_EQ(release.notes(), "notes of 1.0.0");
  EXPECT_EQ(release.variants(0), "q8_0");
  EXPECT_EQ(release.size_bytes(), std::string("weights of 1.0.0leaves of 1.0.0").size());
  EXPECT_EQ(release.signed_by_size(), 1);
  EXPECT_FALSE(release.blocked());
  const auto served = Served();
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->targets.size(), 3U);
}

TEST_F(CatalogueTest, ServesEveryTargetUnderItsDigest) {
  PublishFirst();
  const tuf::FreshClientView served = Served().value();
  ASSERT_EQ(served.targets.size(), 3U);
  for (const tuf::TargetInfo& target : served.targets) {
    const auto file = security::Sha256File(Folder() / "targets" / target.url_path);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(*file, target.sha256);
  }
}

TEST_F(CatalogueTest, AddsAReleaseToThoseThatAreThere) {
  PublishFirst();
  SignRelease("2.0.0", 2);
  const auto publication = Publish({"models-pump.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  ASSERT_EQ(publication->added.size(), 1U);
  EXPECT_EQ(publication->added[0].ref().version(), "2.0.0");
  EXPECT_EQ(publication->snapshot_version, 2);
  EXPECT_EQ(catalogue_->Releases().size(), 2U);
}

TEST_F(CatalogueTest, AnswersTheSamePublicationAgainWithoutANewOne) {
  PublishFirst();
  const auto again = Publish({"1.root.json", "targets.json", "models-pump.json"});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->snapshot_version, 1);
  EXPECT_TRUE(again->added.empty());
}

TEST_F(CatalogueTest, RefusesAnUnsignedRelease) {
  PublishFirst();
  SignRelease("2.0.0", 2, {});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_THRESHOLD);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesAReleaseSignedByTheWrongRole) {
  PublishFirst();
  SignRelease("2.0.0", 2, {"targets"});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_THRESHOLD);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesARoleThatNobodyDelegatesTo) {
  PublishFirst();
  publisher_.Put("models-fan", tuf::Draft::New(tuf::RoleType::kTargets, kNow + absl::Hours(24)),
                 {"models-fan"});
  ExpectRefused(Publish({"models-fan.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesAMissingBlob) {
  PublishFirst();
  tuf::Draft role = publisher_.Edit(kRole);
  ASSERT_TRUE(role.AddTarget("models-pump/x.bin", 3, security::Sha256(AsBytes("abc")), {}).ok());
  publisher_.Put(kRole, role, {kRole});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kFailedPrecondition,
                v1::FAILURE_REASON_FETCH_NOT_FOUND);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesABlobOfAnotherLength) {
  PublishFirst();
  const auto ref = Upload("models-pump/x.bin", "abc");
  tuf::Draft role = publisher_.Edit(kRole);
  ASSERT_TRUE(role.AddTarget(ref.path, 4, ref.sha256, {}).ok());
  publisher_.Put(kRole, role, {kRole});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kFailedPrecondition,
                v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesTheReplayOfAnOlderVersion) {
  PublishFirst();
  const v1::MetadataFile old = File("models-pump.json");
  SignRelease("2.0.0", 2);
  ASSERT_TRUE(Publish({"models-pump.json"}).ok());
  ExpectRefused(catalogue_->Publish({old}, kNow), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
  EXPECT_EQ(catalogue_->Releases().size(), 2U);
}

TEST_F(CatalogueTest, RefusesOtherBytesForAVersionThatIsThere) {
  PublishFirst();
  tuf::Draft role = publisher_.Edit(kRole);
  AddRelease(role, "2.0.0", 2);
  role.SetVersion(role.version() - 1);
  publisher_.Put(kRole, role, {kRole});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesMetadataOfTheOnlineRoles) {
  PublishFirst();
  for (const char* const name : {"timestamp.json", "snapshot.json"}) {
    ExpectRefused(Publish({name}), StatusCode::kInvalidArgument,
                  v1::FAILURE_REASON_FORM_WRONG_TYPE);
  }
  ExpectRefused(Publish({}), StatusCode::kInvalidArgument, v1::FAILURE_REASON_UNSPECIFIED);
}

TEST_F(CatalogueTest, RefusesAReleaseWhosePartsAreNotTargets) {
  PublishFirst();
  const ota::TargetRef model = Upload("models-pump/2.0.0.gguf", "weights");
  const ota::TargetRef map = Upload("models-pump/2.0.0.map", "leaves");
  const Bytes document = ota::EncodeReleaseDocument(Document("2.0.0", 2, model, map)).value();
  const ota::TargetRef ref = Upload("models-pump/2.0.0.release.json", ToText(document));
  tuf::Draft role = publisher_.Edit(kRole);
  ASSERT_TRUE(role.AddTarget(ref.path, ref.length, ref.sha256, {}).ok());
  ASSERT_TRUE(role.AddTarget(map.path, map.length, map.sha256, {}).ok());
  publisher_.Put(kRole, role, {kRole});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesAReleaseThatNamesOtherBytesThanItsTargets) {
  PublishFirst();
  const ota::TargetRef model = Upload("models-pump/2.0.0.gguf", "weights");
  const ota::TargetRef other = Upload("models-pump/2.0.0.gguf", "weighty");
  const Bytes document = ota::EncodeReleaseDocument(Document("2.0.0", 2, model, model)).value();
  const ota::TargetRef ref = Upload("models-pump/2.0.0.release.json", ToText(document));
  tuf::Draft role = publisher_.Edit(kRole);
  ASSERT_TRUE(role.AddTarget(ref.path, ref.length, ref.sha256, {}).ok());
  ASSERT_TRUE(role.AddTarget(other.path, other.length, other.sha256, {}).ok());
  publisher_.Put(kRole, role, {kRole});
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kPermissionDenied,
                v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, RefusesTwoReleasesWithOneCounter) {
  PublishFirst();
  SignRelease("1.0.1", 1);
  ExpectRefused(Publish({"models-pump.json"}), StatusCode::kAlreadyExists,
                v1::FAILURE_REASON_FORM_SCHEMA);
  ExpectOnlyFirst();
}

TEST_F(CatalogueTest, MarksReleasesBelowTheFloorOrOnTheBlockList) {
  PublishFirst();
  SignRelease("2.0.0", 2);
  tuf::Draft role = publisher_.Edit(kRole);
  AddRelease(role, "3.0.0", 3);
  ASSERT_TRUE(role.RaiseFloor(2).ok());
  ASSERT_TRUE(role.Block(security::Sha256(AsBytes("weights of 3.0.0"))).ok());
  publisher_.Put(kRole, role, {kRole});
  const auto publication = Publish({"models-pump.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  for (const v1::Release& release : catalogue_->Releases()) {
    EXPECT_EQ(release.blocked(), release.ref().version() != "2.0.0") << release.ref().version();
  }
}

TEST_F(CatalogueTest, TakesANewRootThatTheOldOneSigned) {
  PublishFirst();
  tuf::Draft root = publisher_.Edit("root");
  ASSERT_TRUE(root.AddKey("root", publisher_.Key("root-2").public_key()).ok());
  publisher_.Put("root", root, {"root-2"});
  EXPECT_EQ(Publish({"root.json"}).status().code(), StatusCode::kPermissionDenied);
  EXPECT_FALSE(std::filesystem::exists(Folder() / "metadata" / "2.root.json"));
  publisher_.Put("root", root, {"root", "root-2"});
  const auto publication = Publish({"root.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  EXPECT_EQ(Served().value().versions.root, 2);
}

TEST_F(CatalogueTest, TakesAFastForwardBackWithTheRootThatRotatesTheSnapshotKey) {
  PublishFirst();
  tuf::Draft run_up = publisher_.Edit(kRole);
  run_up.SetVersion(1000);
  publisher_.Put(kRole, run_up, {kRole});
  ASSERT_TRUE(Publish({"models-pump.json"}).ok());

  tuf::Draft recovered = publisher_.Edit(kRole);
  recovered.SetVersion(3);
  AddRelease(recovered, "1.1.0", 2);
  publisher_.Put(kRole, recovered, {kRole});
  EXPECT_EQ(ReasonNumber(Publish({"models-pump.json"}).status()),
            v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);

  tuf::Draft root = publisher_.Edit("root");
  ASSERT_TRUE(root.AddKey("snapshot", publisher_.Key("snapshot-2").public_key()).ok());
  ASSERT_TRUE(root.DropKey("snapshot", tuf::KeyId(publisher_.Key("snapshot").public_key())).ok());
  publisher_.Put("root", root, {"root"});
  const auto publication = Publish({"root.json", "models-pump.json"});
  ASSERT_TRUE(publication.ok()) << publication.status();
  const auto served = Served();
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.root, 2);
  EXPECT_EQ(catalogue_->Releases().size(), 2U);
  EXPECT_EQ(catalogue_->GetMetadata(kRole, 0)->name(), "3.models-pump.json");

  publisher_.files().erase("1000.models-pump.json");
  SignRelease("1.2.0", 3);  // and the role rises again from there
  EXPECT_TRUE(Publish({"models-pump.json"}).ok());
}

TEST_F(CatalogueTest, TakesNoFastForwardBackWithARootThatKeepsTheSnapshotKey) {
  PublishFirst();
  tuf::Draft run_up = publisher_.Edit(kRole);
  run_up.SetVersion(1000);
  publisher_.Put(kRole, run_up, {kRole});
  ASSERT_TRUE(Publish({"models-pump.json"}).ok());
  tuf::Draft recovered = publisher_.Edit(kRole);
  recovered.SetVersion(3);
  publisher_.Put(kRole, recovered, {kRole});
  publisher_.Put("root", publisher_.Edit("root"), {"root"});
  EXPECT_EQ(ReasonNumber(Publish({"root.json", "models-pump.json"}).status()),
            v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
}

TEST_F(CatalogueTest, RefreshesTheTimestampAtHalfItsLife) {
  PublishFirst();
  ASSERT_TRUE(catalogue_->Refresh(kNow + absl::Hours(35)).ok());
  EXPECT_EQ(Served().value().versions.timestamp, 1);
  const Time later = kNow + absl::Hours(36);
  ASSERT_TRUE(catalogue_->Refresh(later).ok());
  const auto served = Served(later + absl::Hours(71));
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.timestamp, 2);
  EXPECT_EQ(served->versions.snapshot, 1);
}

TEST_F(CatalogueTest, RefreshesTheSnapshotAtHalfItsLife) {
  PublishFirst();
  const Time later = kNow + absl::Hours(24 * 7);
  ASSERT_TRUE(catalogue_->Refresh(later).ok());
  const auto served = Served(later);
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.snapshot, 2);
  EXPECT_EQ(served->versions.timestamp, 2);
}

TEST_F(CatalogueTest, GoesOnWhereItStoodAfterARestartMuchLater) {
  PublishFirst();
  const Time later = kNow + absl::Hours(24 * 20);
  catalogue_ = OpenAt(later, fs_);
  const auto served = Served(later);
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.timestamp, 2);
  EXPECT_EQ(catalogue_->Releases().size(), 1U);
}

TEST_F(CatalogueTest, OpensOfferingNothingWhenOfflineRolesHaveExpired) {
  PublishFirst();
  catalogue_ = OpenAt(kNow + absl::Hours(24 * 40), fs_);
  EXPECT_TRUE(catalogue_->Releases().empty());
  EXPECT_TRUE(catalogue_->GetMetadata(kRole, 0).ok());
}

TEST_F(CatalogueTest, GivesMetadataOutByRole) {
  EXPECT_EQ(catalogue_->GetMetadata("targets", 0).status().code(), StatusCode::kNotFound);
  PublishFirst();
  EXPECT_EQ(catalogue_->GetMetadata("targets", 0).value().content(),
            File("targets.json").content());
  EXPECT_EQ(catalogue_->GetMetadata("root", 0).value().name(), "1.root.json");
  EXPECT_EQ(catalogue_->GetMetadata("root", 1).value().name(), "1.root.json");
  EXPECT_EQ(catalogue_->GetMetadata("root", 2).status().code(), StatusCode::kNotFound);
}

TEST_F(CatalogueTest, TellsWhichBlobsAreMissing) {
  const Digest here = Upload("x", "here").sha256;
  const Digest away = security::Sha256(AsBytes("away"));
  const auto missing = catalogue_->MissingBlobs({here, away});
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0], away);
}

}  // namespace
}  // namespace flotilla::controller
