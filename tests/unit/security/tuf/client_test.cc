// The client workflow: order of requests, what is stored when, rollback, expiry, mix-and-match.
#include "security/tuf/client.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"
#include "security/sha256.h"
#include "tests/unit/security/tuf/client_fixture.h"

namespace flotilla::tuf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TufClientTest : public ClientFixture {};

TEST_F(TufClientTest, AsksForFilesInTheOrderOfTheSpecification) {
  ASSERT_TRUE(Refresh().ok());
  EXPECT_THAT(repository_.requests(),
              ElementsAre("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"));
}

TEST_F(TufClientTest, KeepsTheReceivedBytesUnchanged) {
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(Stored("root.json"), repository_.files()["1.root.json"]);
  EXPECT_EQ(Stored("timestamp.json"), repository_.files()["timestamp.json"]);
  EXPECT_EQ(Stored("snapshot.json"), repository_.files()["1.snapshot.json"]);
  EXPECT_EQ(Stored("targets.json"), repository_.files()["1.targets.json"]);
}

TEST_F(TufClientTest, AsksOnlyForRootAndTimestampWhenNothingIsNew) {
  ASSERT_TRUE(Refresh().ok());
  repository_.requests().clear();
  ASSERT_TRUE(Refresh().ok());
  EXPECT_THAT(repository_.requests(), ElementsAre("2.root.json", "timestamp.json"));
}

TEST_F(TufClientTest, AsksForPlainNamesWithoutConsistentSnapshots) {
  Bytes root = repository_.files()["1.root.json"];
  std::string text = ToText(root);
  text.replace(text.find("\"consistent_snapshot\": true"), 27, "\"consistent_snapshot\": false");
  Draft draft = Draft::Load(AsBytes(text)).value();
  ASSERT_TRUE(draft.Sign(repository_.Key("root")).ok());
  root = draft.Encode().value();
  auto client = TufClient::Open({.state_dir = dir_.path() / "tuf"}, root, fs_, repository_);
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE((*client)->Refresh(kNow).ok());
  EXPECT_THAT(repository_.requests(),
              ElementsAre("2.root.json", "timestamp.json", "snapshot.json", "targets.json"));
}

TEST_F(TufClientTest, RefusesAnUnsignedFactoryRootBeforeAnyRequest) {
  const Draft unsigned_root = Draft::Load(repository_.files()["1.root.json"]).value();
  Draft draft = unsigned_root;
  draft.SetVersion(1);  // an edit drops the signatures
  const auto client =
      TufClient::Open({.state_dir = dir_.path() / "tuf"}, draft.Encode().value(), fs_, repository_);
  EXPECT_EQ(ReasonNumber(client.status()), v1::FAILURE_REASON_TRUST_THRESHOLD);
  EXPECT_TRUE(repository_.requests().empty());
}

TEST_F(TufClientTest, LetsOnlyOneClientIntoAFolder) {
  const auto first = Open();
  const auto second = TufClient::Open({.state_dir = dir_.path() / "tuf"},
                                      repository_.factory_root(), fs_, repository_);
  EXPECT_EQ(ReasonNumber(second.status()), v1::FAILURE_REASON_STORAGE_LOCKED);
}

TEST_F(TufClientTest, GoesOnAfterAnEqualTimestamp) {
  repository_.failures()["1.targets.json"] = NotFound("gone");
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_FETCH_NOT_FOUND);
  EXPECT_TRUE(Has("snapshot.json"));
  repository_.failures().clear();
  EXPECT_TRUE(Refresh().ok());
  EXPECT_TRUE(Has("targets.json"));
}

TEST_F(TufClientTest, RefusesAnOlderTimestamp) {
  const Bytes old = repository_.files()["timestamp.json"];
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  const Bytes trusted = Stored("timestamp.json");
  repository_.files()["timestamp.json"] = old;
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP);
  EXPECT_EQ(Stored("timestamp.json"), trusted);
}

TEST_F(TufClientTest, ComparesWithAnExpiredTimestampToo) {
  const Bytes old = repository_.files()["timestamp.json"];
  repository_.PublishOnline(kNow - 3 * kDay);  // version 2, expired at kNow
  Draft fresh = repository_.Edit("timestamp");
  ASSERT_TRUE(Refresh(kNow - kDay).ok());
  repository_.files()["timestamp.json"] = old;
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP);
  fresh.SetExpires(kNow + kDay);
  PutTimestamp(fresh);
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(TufClientTest, RefusesATimestampThatNamesAnOlderSnapshot) {
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  Draft timestamp = repository_.Edit("timestamp");
  ASSERT_TRUE(timestamp.SetSnapshot(1, repository_.files()["1.snapshot.json"]).ok());
  PutTimestamp(timestamp);
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROLLBACK_SNAPSHOT);
}

TEST_F(TufClientTest, RefusesASnapshotThatNamesOlderTargets) {
  repository_.Put("targets", repository_.Edit("targets"), {"targets"});
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  Draft snapshot = repository_.Edit("snapshot");
  ASSERT_TRUE(snapshot.SetRoleVersion("targets", 1).ok());
  PutSnapshot(snapshot);
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
  EXPECT_EQ(Stored("snapshot.json"), repository_.files()["2.snapshot.json"]);
}

TEST_F(TufClientTest, RefusesASnapshotThatForgetsARole) {
  repository_.Delegate(
      {.name = "models-a", .keys = {repository_.Key("models-a").public_key()}, .paths = {"a/*"}},
      kNow + kDay);
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  Draft snapshot = Draft::New(RoleType::kSnapshot, kNow + kDay);
  snapshot.SetVersion(3);
  ASSERT_TRUE(snapshot.SetRoleVersion("targets", 2).ok());
  PutSnapshot(snapshot);
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROLE_REMOVED);
}

TEST_F(TufClientTest, RefusesASnapshotOfAnotherVersionThanTimestampNames) {
  Draft snapshot = repository_.Edit("snapshot");
  repository_.Put("snapshot", snapshot, {"snapshot"});
  Draft timestamp = repository_.Edit("timestamp");
  ASSERT_TRUE(timestamp.SetSnapshot(9, repository_.files()["2.snapshot.json"]).ok());
  PutTimestamp(timestamp);
  repository_.files()["9.snapshot.json"] = repository_.files()["2.snapshot.json"];
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  EXPECT_FALSE(Has("snapshot.json"));
}

TEST_F(TufClientTest, RefusesMixedTargets) {
  repository_.Put("targets", repository_.Edit("targets"), {"targets"});
  repository_.PublishOnline(kNow);
  repository_.files()["2.targets.json"] = repository_.files()["1.targets.json"];
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  EXPECT_FALSE(Has("targets.json"));
}

TEST_F(TufClientTest, RefusesSnapshotBytesThatTimestampDoesNotName) {
  Bytes& snapshot = repository_.files()["1.snapshot.json"];
  snapshot.back() = ' ';  // same length, same JSON, other bytes
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  snapshot.pop_back();
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  snapshot.insert(snapshot.end(), {'\n', '\n'});
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_FETCH_TOO_LARGE);
}

TEST_F(TufClientTest, RefusesEachRoleOnceItHasExpiredAndNamesIt) {
  // Lives: timestamp 3 days, snapshot 14, root and targets 30. The limit itself is too late.
  Status status = Refresh(kNow + 3 * kDay);
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP);
  EXPECT_THAT(MessageOf(status), HasSubstr("timestamp: expired at 2026-03-04T12:00:00Z"));
  EXPECT_FALSE(Has("timestamp.json"));
  EXPECT_EQ(RefreshReason(kNow + 30 * kDay), v1::FAILURE_REASON_TRUST_EXPIRED_ROOT);

  Draft timestamp = repository_.Edit("timestamp");
  timestamp.SetExpires(kNow + 60 * kDay);
  PutTimestamp(timestamp);
  EXPECT_EQ(RefreshReason(kNow + 14 * kDay), v1::FAILURE_REASON_TRUST_EXPIRED_SNAPSHOT);
  EXPECT_TRUE(Has("timestamp.json"));
  EXPECT_FALSE(Has("snapshot.json"));

  Draft targets = repository_.Edit("targets");
  targets.SetExpires(kNow + kDay);
  repository_.Put("targets", targets, {"targets"});
  repository_.PublishOnline(kNow);
  EXPECT_EQ(RefreshReason(kNow + kDay), v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS);
  EXPECT_FALSE(Has("targets.json"));
  EXPECT_TRUE(Refresh(kNow + kDay - absl::Seconds(1)).ok());
}

TEST_F(TufClientTest, RefusesMetadataSignedByAnotherRolesKey) {
  for (const char* role : {"timestamp", "snapshot", "targets"}) {
    MemoryRepository repository(kNow);
    Draft draft = repository.Edit(role);
    draft.SetVersion(1);
    repository.Put(role, draft, {"root"});
    TempDir dir;
    auto client = TufClient::Open({.state_dir = dir.path() / "tuf"}, repository.factory_root(), fs_,
                                  repository);
    ASSERT_TRUE(client.ok());
    const Status status = (*client)->Refresh(kNow);
    EXPECT_FALSE(status.ok());
    if (std::string(role) != "snapshot") {  // a snapshot's hash is checked first
      EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_TRUST_THRESHOLD) << role;
    }
    EXPECT_THAT(MessageOf(status), HasSubstr(role));
  }
}

TEST_F(TufClientTest, RefusesAMediumsTimestampFromTheNetwork) {
  std::string text = ToText(repository_.files()["timestamp.json"]);
  text.replace(text.find("\"x-flotilla-issued\""), 0, "\"x-flotilla-source\": \"bundle\",");
  Draft draft = Draft::Load(AsBytes(text)).value();
  draft.SetVersion(2);
  PutTimestamp(draft);
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_BUNDLE_TIMESTAMP);
  auto client =
      TufClient::Open({.state_dir = dir_.path() / "tuf", .source = MetadataSource::kMedium},
                      repository_.factory_root(), fs_, repository_);
  ASSERT_TRUE(client.ok());
  EXPECT_TRUE((*client)->Refresh(kNow).ok());
}

TEST_F(TufClientTest, FindsNothingBeforeAGoodRefresh) {
  const auto client = Open();
  EXPECT_EQ(client->FindTarget("a/b", kNow).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(TufClientTest, GivesATargetsLengthHashUrlAndCustomPart) {
  Draft targets = repository_.Edit("targets");
  const Digest digest = security::Sha256(AsBytes("model"));
  ASSERT_TRUE(targets.AddTarget("models/m v1.gguf", 5, digest, {}).code() ==
              StatusCode::kInvalidArgument);
  ASSERT_TRUE(targets.AddTarget("models/m-1.gguf", 5, digest, {{"k", "v"}}).ok());
  repository_.Put("targets", targets, {"targets"});
  repository_.PublishOnline(kNow);
  const auto client = Open();
  ASSERT_TRUE(client->Refresh(kNow).ok());
  const auto info = client->FindTarget("models/m-1.gguf", kNow);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->length, 5U);
  EXPECT_EQ(info->sha256, digest);
  EXPECT_EQ(info->role, "targets");
  EXPECT_EQ(info->url_path, "models/" + digest.ToHex() + ".m-1.gguf");
  EXPECT_EQ(std::string(info->custom.at("k").as_string()), "v");
  EXPECT_EQ(ReasonNumber(client->FindTarget("models/other", kNow).status()),
            v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  EXPECT_EQ(ReasonNumber(client->FindTarget("../models", kNow).status()),
            v1::FAILURE_REASON_FORM_BAD_PATH);
}

TEST_F(TufClientTest, KnowsWhenWhatItTrustsWasSignedAndWhenItEnds) {
  const auto client = Open();
  EXPECT_FALSE(client->dates().timestamp_issued.has_value());
  EXPECT_EQ(client->root().common.version, 1);
  ASSERT_TRUE(client->Refresh(kNow).ok());
  EXPECT_EQ(client->dates().timestamp_issued, kNow);
  EXPECT_EQ(client->dates().snapshot_issued, kNow);
  EXPECT_EQ(client->dates().publisher_expires, kNow + 30 * kDay);
  Draft targets = repository_.Edit("targets");
  targets.SetIssued(kNow + kDay);
  targets.SetExpires(kNow + 2 * kDay);
  repository_.Put("targets", targets, {"targets"});
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(client->Refresh(kNow).ok());
  EXPECT_EQ(client->dates().publisher_issued, kNow + kDay);
  EXPECT_EQ(client->dates().publisher_expires, kNow + 2 * kDay);
}

class FromAMedium : public ClientFixture {
 protected:
  Status RefreshFromMedium(Time now) {
    auto client =
        TufClient::Open({.state_dir = dir_.path() / "tuf", .source = MetadataSource::kMedium},
                        repository_.factory_root(), fs_, repository_);
    EXPECT_TRUE(client.ok()) << client.status();
    return (*client)->Refresh(now);
  }
  // A timestamp as a bundle has it: marked, and good for 90 days.
  void MakeBundle() {
    const OnlineRoles roles(repository_.Key("snapshot"), repository_.Key("timestamp"), {});
    const OnlineMetadata made = roles.SignBundle(repository_.files(), kNow, 90 * kDay).value();
    repository_.files()[made.snapshot_name] = made.snapshot;
    repository_.files()["snapshot.json"] = made.snapshot;
    repository_.files()["timestamp.json"] = made.timestamp;
  }
};

TEST_F(FromAMedium, TakesALongLivedTimestamp) {
  MakeBundle();
  EXPECT_TRUE(RefreshFromMedium(kNow + 29 * kDay).ok());  // longer than any online role lives
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_BUNDLE_TIMESTAMP);
}

TEST_F(FromAMedium, ItsTimestampIsTheNextOne) {
  ASSERT_TRUE(Refresh().ok());
  MakeBundle();
  EXPECT_EQ(repository_.Edit("timestamp").version(), 3);  // Edit counts on
  EXPECT_TRUE(RefreshFromMedium(kNow + 5 * kDay).ok());
  repository_.PublishOnline(kNow);  // the controller goes on above it
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(FromAMedium, ItsTimestampExpiresToo) {
  MakeBundle();
  EXPECT_EQ(ReasonNumber(RefreshFromMedium(kNow + 90 * kDay)),
            v1::FAILURE_REASON_TRUST_EXPIRED_ROOT);
  Draft timestamp = repository_.Edit("timestamp");
  timestamp.SetExpires(kNow + kDay);
  PutTimestamp(timestamp);
  EXPECT_EQ(ReasonNumber(RefreshFromMedium(kNow + kDay)),
            v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP);
}

TEST_F(FromAMedium, AnOlderOneGivesWayToWhatTheDeviceHasSeen) {
  MakeBundle();
  const RepositoryFiles medium = repository_.files();
  Draft targets = repository_.Edit("targets");
  ASSERT_TRUE(targets.AddTarget("a/new", 1, security::Sha256(AsBytes("n")), {}).ok());
  repository_.Put("targets", targets, {"targets"});
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  const Bytes newer = Stored("timestamp.json");

  repository_.files() = medium;
  const Time later = kNow + 20 * kDay;  // what the device has seen has expired meanwhile
  auto client =
      TufClient::Open({.state_dir = dir_.path() / "tuf", .source = MetadataSource::kMedium},
                      repository_.factory_root(), fs_, repository_);
  ASSERT_TRUE((*client)->Refresh(later).ok());
  EXPECT_TRUE((*client)->FindTarget("a/new", later).ok());
  EXPECT_EQ(Stored("timestamp.json"), newer);
  client->reset();
  EXPECT_EQ(RefreshReason(later), v1::FAILURE_REASON_TRUST_BUNDLE_TIMESTAMP);
}

TEST_F(FromAMedium, AnOlderOneThatHasExpiredHelpsNobody) {
  const RepositoryFiles medium = repository_.files();  // a timestamp of 3 days
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  repository_.files() = medium;
  EXPECT_EQ(ReasonNumber(RefreshFromMedium(kNow + 3 * kDay)),
            v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP);
}

TEST_F(TufClientTest, TreatsADamagedStoredFileAsMissing) {
  ASSERT_TRUE(Refresh().ok());
  for (const char* name : {"timestamp.json", "snapshot.json", "targets.json", "root.json"}) {
    ASSERT_TRUE(DurableWrite(fs_, dir_.path() / "tuf" / name, AsBytes("{")).ok());
  }
  EXPECT_TRUE(Refresh().ok());
  EXPECT_EQ(Stored("root.json"), repository_.files()["1.root.json"]);
  EXPECT_EQ(Stored("targets.json"), repository_.files()["1.targets.json"]);
}

}  // namespace
}  // namespace flotilla::tuf
