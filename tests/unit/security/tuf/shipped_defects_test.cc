// Defects that well-known update systems shipped. Those of the download stand in
// tests/integration/ota/huge_target_test.cc and tests/conformance/suite, those of the agent in
// tests/unit/agent and tests/unit/ota.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/array.hpp>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"
#include "security/tuf/json.h"
#include "security/tuf/key.h"
#include "security/tuf/threshold.h"
#include "tests/unit/security/tuf/client_fixture.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

using ::testing::ElementsAre;

class ShippedDefects : public ClientFixture {
 protected:
  // `signed_part` with its signatures by the keys of these names.
  Bytes SignedBy(const json::object& signed_part, const std::vector<std::string>& keys) {
    const std::string canonical = EncodeCanonical(signed_part).value();
    json::array signatures;
    for (const std::string& name : keys) {
      security::KeyPair& key = repository_.Key(name);
      signatures.push_back({{"keyid", KeyId(key.public_key())},
                            {"sig", HexEncode(key.Sign(AsBytes(canonical)).value())}});
    }
    json::object file;
    file["signatures"] = std::move(signatures);
    file["signed"] = signed_part;
    return ToBytes(EncodeLegible(file).value());
  }
  void Delegate(const std::string& parent, const std::string& name, const std::string& path,
                const std::vector<std::string>& targets) {
    Draft from = repository_.Edit(parent);
    DelegationSpec spec;
    spec.name = name;
    spec.keys.push_back(repository_.Key(name).public_key());
    spec.paths.push_back(path);
    spec.terminating = false;
    ASSERT_TRUE(from.SetDelegation(spec).ok());
    repository_.Put(parent, from, {parent});
    Draft role = Draft::New(RoleType::kTargets, kNow + kDay);
    for (const std::string& target : targets) {
      ASSERT_TRUE(role.AddTarget(target, 1, security::Sha256(AsBytes(name)), {}).ok());
    }
    repository_.Put(name, role, {name});
  }
  std::unique_ptr<TufClient> Refreshed() {
    repository_.PublishOnline(kNow);
    auto client = Open();
    EXPECT_TRUE(client->Refresh(kNow).ok());
    repository_.requests().clear();
    return client;
  }
};

TEST_F(ShippedDefects, AThresholdOfZeroDisablesVerification) {
  json::object root = repository_.Edit("root").signed_part();
  for (const int threshold : {0, -1}) {
    root["roles"].as_object()["timestamp"].as_object()["threshold"] = threshold;
    repository_.files()["2.root.json"] = SignedBy(root, {"root"});
    EXPECT_EQ(v1::FAILURE_REASON_FORM_SCHEMA, RefreshReason());
  }
  // And where no parser stands before it.
  const Envelope nothing_signed;
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_THRESHOLD,
            ReasonNumber(VerifyThreshold("timestamp", nothing_signed, {}, RoleKeys())));
}

TEST_F(ShippedDefects, DelegationsAreAskedInTheWrongOrder) {
  Delegate("targets", "z-first", "m/*", {"m/x"});
  Delegate("targets", "a-second", "m/*", {"m/x"});  // before it by name, behind it in the file
  const auto client = Refreshed();
  const auto found = client->FindTarget("m/x", kNow);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ("z-first", found->role);
  EXPECT_THAT(repository_.requests(), ElementsAre("1.z-first.json"));
}

TEST_F(ShippedDefects, RollbackIsComparedWithVersionZero) {
  repository_.Put("targets", repository_.Edit("targets"), {"targets"});
  repository_.PublishOnline(kNow);
  ASSERT_TRUE(Refresh().ok());
  const Bytes newest = Stored("timestamp.json");
  // After a restart, with a stored timestamp that has expired meanwhile, and without targets.json.
  ASSERT_TRUE(std::filesystem::remove(dir_.path() / "tuf" / "targets.json"));
  Draft older = repository_.Edit("timestamp");
  older.SetVersion(1);
  older.SetExpires(kNow + 20 * kDay);
  PutTimestamp(older);
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_ROLLBACK_TIMESTAMP, RefreshReason(kNow + 10 * kDay));
  EXPECT_EQ(newest, Stored("timestamp.json"));
}

TEST_F(ShippedDefects, MetadataIsSavedBeforeWhatVouchesForItWasChecked) {
  ASSERT_TRUE(Refresh().ok());
  const Bytes snapshot = Stored("snapshot.json");
  const Bytes targets = Stored("targets.json");
  repository_.Put("targets", repository_.Edit("targets"), {"targets"});
  repository_.PublishOnline(kNow);
  repository_.files()["2.snapshot.json"].back() = ' ';  // not the bytes that timestamp names
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_HASH_MISMATCH, RefreshReason());
  EXPECT_EQ(snapshot, Stored("snapshot.json"));
  EXPECT_EQ(targets, Stored("targets.json"));
}

TEST_F(ShippedDefects, OneKeyUnderSeveralIdsIsCountedTwice) {
  json::object root = repository_.Edit("root").signed_part();
  json::object twin = KeyObject(repository_.Key("timestamp").public_key());
  twin["x-comment"] = "the same key by another name";
  const std::string twin_id = KeyIdOf(twin).value();
  root["keys"].as_object()[twin_id] = twin;
  json::object& role = root["roles"].as_object()["timestamp"].as_object();
  role["keyids"].as_array().emplace_back(twin_id);
  role["threshold"] = 2;
  repository_.files()["2.root.json"] = SignedBy(root, {"root"});
  json::object timestamp = repository_.Edit("timestamp").signed_part();
  const std::string canonical = EncodeCanonical(timestamp).value();
  const std::string signature =
      HexEncode(repository_.Key("timestamp").Sign(AsBytes(canonical)).value());
  json::object file;
  file["signed"] = timestamp;
  file["signatures"] = {
      {{"keyid", KeyId(repository_.Key("timestamp").public_key())}, {"sig", signature}},
      {{"keyid", twin_id}, {"sig", signature}}};
  repository_.files()["timestamp.json"] = ToBytes(EncodeLegible(file).value());
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_THRESHOLD, RefreshReason());
  EXPECT_FALSE(Has("timestamp.json"));
}

TEST_F(ShippedDefects, ARolesNameIsUsedAsAPath) {
  Delegate("targets", "../../escaped", "m/*", {"m/x"});
  const auto client = Refreshed();
  ASSERT_TRUE(client->FindTarget("m/x", kNow).ok());
  EXPECT_THAT(repository_.requests(), ElementsAre("1...%2F..%2Fescaped.json"));
  EXPECT_TRUE(Has("..%2F..%2Fescaped.json"));
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "escaped.json"));
  EXPECT_FALSE(std::filesystem::exists(dir_.path().parent_path() / "escaped.json"));
}

TEST_F(ShippedDefects, ADelegatedRoleThatSnapshotDoesNotListCrashesTheClient) {
  Delegate("targets", "ghost", "m/*", {"m/x"});
  Draft snapshot = Draft::New(RoleType::kSnapshot, kNow + kDay);
  snapshot.SetVersion(2);
  ASSERT_TRUE(snapshot.SetRoleVersion("targets", 2).ok());
  PutSnapshot(snapshot);
  const auto client = Open();
  ASSERT_TRUE(client->Refresh(kNow).ok());
  repository_.requests().clear();
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_NOT_IN_SNAPSHOT,
            ReasonNumber(client->FindTarget("m/x", kNow).status()));
  EXPECT_THAT(repository_.requests(), ElementsAre());
  EXPECT_TRUE(client->Refresh(kNow).ok());  // and goes on living
}

TEST_F(ShippedDefects, ARoleCachedByNameIsTrustedThroughAnotherDelegator) {
  Delegate("targets", "left", "l/*", {});
  Delegate("targets", "right", "r/*", {});
  Delegate("left", "shared", "*/*", {"l/x", "r/x"});
  Draft right = repository_.Edit("right");
  DelegationSpec other;
  other.name = "shared";
  other.keys.push_back(repository_.Key("rights own key").public_key());
  other.paths.emplace_back("*/*");
  ASSERT_TRUE(right.SetDelegation(other).ok());
  repository_.Put("right", right, {"right"});
  const auto client = Refreshed();
  ASSERT_TRUE(client->FindTarget("l/x", kNow).ok());
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_THRESHOLD,
            ReasonNumber(client->FindTarget("r/x", kNow).status()));
}

}  // namespace
}  // namespace flotilla::tuf
