// The chain of roots: rotation, thresholds, purge, catching up, persistence.
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/tuf/json.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"
#include "tests/unit/security/tuf/client_fixture.h"

namespace flotilla::tuf {
namespace {

using ::testing::ElementsAre;

class RootChain : public ClientFixture {
 protected:
  // Replaces the one key of a role by the key called `name`.
  void Rotate(Draft& root, const std::string& role, const std::string& name) {
    ASSERT_TRUE(root.AddKey(role, repository_.Key(name).public_key()).ok());
    ASSERT_TRUE(root.DropKey(role, KeyId(repository_.Key(role).public_key())).ok());
  }
  std::int64_t RootVersion() { return Open()->versions().root; }
};

TEST_F(RootChain, FollowsARotationThatOldAndNewKeysSigned) {
  Draft root = repository_.Edit("root");
  Rotate(root, "root", "root-2");
  repository_.Put("root", root, {"root", "root-2"});
  Draft third = repository_.Edit("root");
  repository_.Put("root", third, {"root-2"});
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(RootVersion(), 3);
  EXPECT_EQ(Stored("root.json"), repository_.files()["3.root.json"]);
  EXPECT_EQ(Stored("root_history/2.root.json"), repository_.files()["2.root.json"]);
}

TEST_F(RootChain, RefusesARotationThatOnlyOneSideSigned) {
  for (const char* signer : {"root", "root-2"}) {
    Draft root = Draft::Load(repository_.files()["1.root.json"]).value();
    root.SetVersion(2);
    Rotate(root, "root", "root-2");
    repository_.Put("root", root, {signer});
    EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_THRESHOLD) << signer;
    EXPECT_EQ(RootVersion(), 1);
  }
}

TEST_F(RootChain, CountsOneKeyUnderTwoIdsOnce) {
  // The same Ed25519 key again, with an unknown field: another key id, the same key material.
  const Draft good = repository_.Edit("root");
  boost::json::object object = good.signed_part();
  boost::json::object key = KeyObject(repository_.Key("root").public_key());
  key["x-label"] = "again";
  const std::string second_id = KeyIdOf(key).value();
  object["keys"].as_object()[second_id] = key;
  auto& role = object["roles"].as_object()["root"].as_object();
  role["keyids"].as_array().emplace_back(second_id);
  role["threshold"] = 2;
  boost::json::object file;
  file["signed"] = object;
  file["signatures"] = boost::json::array();
  Draft draft = Draft::Load(AsBytes(EncodeLegible(file).value())).value();
  ASSERT_TRUE(draft.Sign(repository_.Key("root")).ok());
  std::string text = ToText(draft.Encode().value());
  // The one signature under both ids.
  const std::string first_id = KeyId(repository_.Key("root").public_key());
  const std::size_t begin = text.find('{', text.find("signatures"));
  const std::size_t end = text.find('}', begin) + 1;
  std::string copy = text.substr(begin, end - begin);
  copy.replace(copy.find(first_id), first_id.size(), second_id);
  text.insert(end, "," + copy);
  repository_.files()["2.root.json"] = ToBytes(text);
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_THRESHOLD);
}

TEST_F(RootChain, AsksForTwoSignaturesWhenTheThresholdIsTwo) {
  Draft root = repository_.Edit("root");
  ASSERT_TRUE(root.AddKey("root", repository_.Key("root-2").public_key()).ok());
  ASSERT_TRUE(root.SetThreshold("root", 2).ok());
  repository_.Put("root", root, {"root"});
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_THRESHOLD);
  repository_.Put("root", root, {"root", "root-2", "stranger"});
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(RootChain, RefusesARootOfTheWrongVersion) {
  repository_.files()["2.root.json"] = repository_.files()["1.root.json"];
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT);
  Draft third = repository_.Edit("root");
  third.SetVersion(3);
  repository_.Put("root", third, {"root"});
  repository_.files()["2.root.json"] = repository_.files()["3.root.json"];
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
}

TEST_F(RootChain, IgnoresTheExpiryOfAllButTheLastAndStoresThatOneFirst) {
  Draft second = repository_.Edit("root");
  second.SetExpires(kNow - kDay);
  repository_.Put("root", second, {"root"});
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_EXPIRED_ROOT);
  EXPECT_EQ(RootVersion(), 2);
  EXPECT_FALSE(Has("timestamp.json"));
  Draft third = repository_.Edit("root");
  third.SetExpires(kNow + kDay);
  repository_.Put("root", third, {"root"});
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(RootChain, EndsAtNotFoundOnly) {
  repository_.failures()["2.root.json"] = Unavailable("503");
  EXPECT_EQ(Refresh().code(), StatusCode::kUnavailable);
  EXPECT_THAT(repository_.requests(), ElementsAre("2.root.json"));
}

TEST_F(RootChain, RecoversFromFastForwardedTimestampAndSnapshotWhenTheirKeysRotate) {
  Draft snapshot = repository_.Edit("snapshot");
  snapshot.SetVersion(1'000'000);
  PutSnapshot(snapshot);
  Draft timestamp = repository_.Edit("timestamp");
  timestamp.SetVersion(2'000'000);
  PutTimestamp(timestamp);
  ASSERT_TRUE(Refresh().ok());

  Draft root = repository_.Edit("root");
  Rotate(root, "timestamp", "timestamp-2");
  Rotate(root, "snapshot", "snapshot-2");
  repository_.Put("root", root, {"root"});
  repository_.failures()["timestamp.json"] = Unavailable("cut");
  EXPECT_FALSE(Refresh().ok());
  EXPECT_FALSE(Has("timestamp.json"));  // purged with the root, not later
  EXPECT_FALSE(Has("snapshot.json"));
  repository_.failures().clear();

  repository_.files().erase("1000000.snapshot.json");
  Draft low = Draft::New(RoleType::kSnapshot, kNow + kDay);
  low.SetVersion(2);
  ASSERT_TRUE(low.SetRoleVersion("targets", 1).ok());
  repository_.Put("snapshot", low, {"snapshot-2"});
  Draft low_timestamp = Draft::New(RoleType::kTimestamp, kNow + kDay);
  low_timestamp.SetVersion(2);
  ASSERT_TRUE(low_timestamp.SetSnapshot(2, repository_.files()["2.snapshot.json"]).ok());
  repository_.Put("timestamp", low_timestamp, {"timestamp-2"});
  const Status status = Refresh();
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(RootChain, RecoversFromFastForwardedTargetsWhenTheSnapshotKeyRotates) {
  Draft targets = repository_.Edit("targets");
  targets.SetVersion(100);
  repository_.Put("targets", targets, {"targets"});
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  Draft root = repository_.Edit("root");
  Rotate(root, "snapshot", "snapshot-2");
  repository_.Put("root", root, {"root"});
  repository_.files().erase("100.targets.json");
  Draft snapshot = repository_.Edit("snapshot");
  ASSERT_TRUE(snapshot.SetRoleVersion("targets", 1).ok());
  repository_.Put("snapshot", snapshot, {"snapshot-2"});
  Draft timestamp = repository_.Edit("timestamp");
  ASSERT_TRUE(timestamp.SetSnapshot(3, repository_.files()["3.snapshot.json"]).ok());
  PutTimestamp(timestamp);
  const Status status = Refresh();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Stored("targets.json"), repository_.files()["1.targets.json"]);
}

TEST_F(RootChain, TakesAtMost256RootsARefreshAndGoesOnNextTime) {
  for (int i = 0; i < kMaxRootsPerRefresh + 1; ++i) {
    repository_.Put("root", repository_.Edit("root"), {"root"});
  }
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG);
  EXPECT_EQ(RootVersion(), 1 + kMaxRootsPerRefresh);
  EXPECT_TRUE(Refresh().ok());
  EXPECT_EQ(RootVersion(), 2 + kMaxRootsPerRefresh);
}

TEST_F(RootChain, TakesExactly256RootsInOneRefresh) {
  for (int i = 0; i < kMaxRootsPerRefresh; ++i) {
    repository_.Put("root", repository_.Edit("root"), {"root"});
  }
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(RootChain, DoesNotTrustACachedRootThatDoesNotFollow) {
  repository_.Put("root", repository_.Edit("root"), {"root"});
  ASSERT_TRUE(Refresh().ok());
  Draft forged = repository_.Edit("root");
  forged.SetVersion(2);
  ASSERT_TRUE(forged.Sign(repository_.Key("stranger")).ok());
  const auto path = dir_.path() / "tuf";
  ASSERT_TRUE(DurableWrite(fs_, path / "root_history/2.root.json", forged.Encode().value()).ok());
  ASSERT_TRUE(DurableWrite(fs_, path / "root.json", forged.Encode().value()).ok());
  EXPECT_EQ(RootVersion(), 1);
  EXPECT_TRUE(Refresh().ok());
  EXPECT_EQ(RootVersion(), 2);
}

TEST_F(RootChain, RefusesARootOverItsByteLimit) {
  repository_.Put("root", repository_.Edit("root"), {"root"});
  repository_.files()["2.root.json"].resize(kMaxRootBytes, ' ');
  EXPECT_TRUE(Refresh().ok());
  repository_.Put("root", repository_.Edit("root"), {"root"});
  repository_.files()["3.root.json"].resize(kMaxRootBytes + 1, ' ');
  EXPECT_EQ(RefreshReason(), v1::FAILURE_REASON_FETCH_TOO_LARGE);
}

TEST_F(RootChain, ForgetsTheOnlineRolesWhenOnlyAThresholdChanged) {
  ASSERT_TRUE(Refresh().ok());
  Draft root = repository_.Edit("root");
  ASSERT_TRUE(root.AddKey("snapshot", repository_.Key("snapshot-2").public_key()).ok());
  repository_.Put("root", root, {"root"});
  ASSERT_TRUE(Refresh().ok());
  root = repository_.Edit("root");
  ASSERT_TRUE(root.SetThreshold("snapshot", 2).ok());
  repository_.Put("root", root, {"root"});
  repository_.failures()["timestamp.json"] = Unavailable("down");
  EXPECT_FALSE(Refresh().ok());
  EXPECT_FALSE(Has("timestamp.json"));
  EXPECT_FALSE(Has("snapshot.json"));
  EXPECT_TRUE(Has("targets.json"));
}

TEST_F(RootChain, ForgetsTargetsThatTheNewRootNoLongerStandsBehind) {
  ASSERT_TRUE(Refresh().ok());
  Draft root = repository_.Edit("root");
  ASSERT_TRUE(root.AddKey("targets", repository_.Key("targets-2").public_key()).ok());
  repository_.Put("root", root, {"root"});
  repository_.failures()["timestamp.json"] = Unavailable("down");
  EXPECT_FALSE(Refresh().ok());
  EXPECT_TRUE(Has("targets.json"));  // the old key still signs for it
  root = repository_.Edit("root");
  ASSERT_TRUE(root.DropKey("targets", KeyId(repository_.Key("targets").public_key())).ok());
  repository_.Put("root", root, {"root"});
  EXPECT_FALSE(Refresh().ok());
  EXPECT_FALSE(Has("targets.json"));
  EXPECT_TRUE(Has("timestamp.json"));
}

TEST_F(RootChain, StoresEachRootBeforeItAsksForTheNext) {
  for (int i = 0; i < 3; ++i) {
    repository_.Put("root", repository_.Edit("root"), {"root"});
  }
  // Version 3 cannot be had: what came before it is on the disk, and a new client goes on from it.
  repository_.failures()["3.root.json"] = Unavailable("down");
  EXPECT_FALSE(Refresh().ok());
  EXPECT_TRUE(Has("root_history/2.root.json"));
  EXPECT_EQ(Stored("root.json"), repository_.files()["2.root.json"]);
  repository_.failures().clear();
  repository_.requests().clear();
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(repository_.requests().front(), "3.root.json");
}

}  // namespace
}  // namespace flotilla::tuf
