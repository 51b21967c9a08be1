// Family test_basic: order of requests, what is trusted after which failure, bytes as received.
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kFirstRefresh[] = {"2.root.json", "timestamp.json", "1.snapshot.json",
                                     "1.targets.json"};

class Basic : public ClientTest {};

TEST_F(Basic, AsksInTheOrderOfTheSpecificationAndStoresWhatItGot) {
  ASSERT_EQ(0, Init()) << last_error_;
  EXPECT_THAT(Requests(), IsEmpty());
  ASSERT_EQ(0, Refresh()) << last_error_;
  EXPECT_THAT(Requests(), testing::ElementsAreArray(kFirstRefresh));
  EXPECT_EQ((Versions{{"root", 1}, {"timestamp", 1}, {"snapshot", 1}, {"targets", 1}}), Trusted());
  for (const char* role : {"root", "timestamp", "snapshot", "targets"}) {
    EXPECT_EQ(simulator_.metadata().at(std::string(role) + ".json"), Stored(role));
  }
}

TEST_F(Basic, RefreshesBeforeADownload) {
  ASSERT_EQ(0, Init());
  EXPECT_EQ(1, Download({"no such target"}));
  EXPECT_THAT(Requests(), testing::ElementsAreArray(kFirstRefresh));
  EXPECT_THAT(TargetRequests(), IsEmpty());
  EXPECT_EQ(4U, Trusted().size());
}

TEST_F(Basic, AsksForNothingWithABrokenInitialRoot) {
  auto root = boost::json::parse(simulator_.metadata().at("1.root.json"));
  root.at("signed").as_object().erase("version");
  EXPECT_EQ(1, InitWith(boost::json::serialize(root)));
  EXPECT_EQ(1, Refresh());
  EXPECT_THAT(Requests(), IsEmpty());
}

TEST_F(Basic, AsksForNothingWithAnUnsignedInitialRoot) {
  auto root = boost::json::parse(simulator_.metadata().at("1.root.json"));
  auto& signature = root.at("signatures").at(0).as_object();
  signature["sig"] = SimulatorKey::Make(SimulatorKeyKind::kEcdsa).Sign("something else");
  EXPECT_EQ(1, InitWith(boost::json::serialize(root)));
  EXPECT_EQ(1, Refresh());
  EXPECT_THAT(Requests(), IsEmpty());
}

TEST_F(Basic, KeepsItsTimestampWhenTheSameVersionSaysSomethingElse) {
  ASSERT_EQ(0, Init());
  ASSERT_EQ(0, Refresh());
  Requests();
  const std::string trusted = Stored("timestamp");
  simulator_.Role("timestamp").at("meta").as_object()["snapshot.json"] = {{"version", 100}};
  simulator_.PublishAsIs("timestamp");
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(trusted, Stored("timestamp"));
  EXPECT_THAT(Requests(), ElementsAre("2.root.json", "timestamp.json"));
}

TEST_F(Basic, ChecksHashesThatMetadataListsForMetadata) {
  simulator_.set_file_hashes(TufSimulator::FileHashes::kYes);
  simulator_.PublishAll();
  ASSERT_EQ(0, Init());
  ASSERT_EQ(0, Refresh()) << last_error_;
  simulator_.Publish({"targets"});
  auto& entry = simulator_.Role("snapshot").at("meta").at("targets.json").as_object();
  entry["hashes"].as_object()["sha256"] = SimulatorSha256Hex("another file");
  simulator_.Publish({"snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(3, Trusted().at("snapshot"));
  EXPECT_EQ(2, Trusted().at("targets"));
}

TEST_F(Basic, ChecksTheHashOfTheSnapshot) {
  simulator_.set_file_hashes(TufSimulator::FileHashes::kYes);
  simulator_.PublishAll();
  simulator_.metadata().at("2.snapshot.json").back() = ' ';
  ASSERT_EQ(0, Init());
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 1}, {"timestamp", 2}}), Trusted());
}

TEST_F(Basic, TakesNoTargetsThatSnapshotDoesNotName) {
  ASSERT_EQ(0, Init());
  ASSERT_EQ(0, Refresh());
  Requests();
  simulator_.Publish({"targets"});
  EXPECT_EQ(0, Refresh());
  EXPECT_EQ(1, Trusted().at("targets"));
  EXPECT_THAT(Requests(), ElementsAre("2.root.json", "timestamp.json"));
}

TEST_F(Basic, StoresTheReceivedBytesNotItsOwnForm) {
  ASSERT_EQ(0, Init());
  simulator_.metadata().at("timestamp.json") += " ";
  ASSERT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(simulator_.metadata().at("timestamp.json"), Stored("timestamp"));
}

TEST_F(Basic, HoldsUnknownFieldsToBeSigned) {
  ASSERT_EQ(0, Init());
  SimulatorKey key = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  key.object["extra"] = {{"b", 1}, {"a", "\"quoted\"\\\n"}};
  simulator_.Role("root")["custom"] = "value";
  simulator_.KeysOf("root")["another"] = true;
  simulator_.AddKey("root", key);
  simulator_.Publish({"root"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(2, Trusted().at("root"));
}

TEST_F(Basic, IgnoresTheDeprecatedKeyidHashAlgorithms) {
  ASSERT_EQ(0, Init());
  simulator_.KeysOf("snapshot")["keyids"].as_array().clear();
  simulator_.signers("snapshot").clear();
  SimulatorKey key = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  key.object["keyid_hash_algorithms"] = "md5";
  simulator_.AddKey("snapshot", key);
  simulator_.Publish({"root", "snapshot", "timestamp"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(2, Trusted().at("snapshot"));
}

TEST_F(Basic, KeepsTheNewTimestampWhenItsSnapshotIsMissing) {
  ASSERT_EQ(0, Init());
  ASSERT_EQ(0, Refresh());
  simulator_.Role("timestamp").at("meta").at("snapshot.json").as_object()["version"] = 2;
  simulator_.Publish({"timestamp"});
  Requests();
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ("2.snapshot.json", Requests().back());
  EXPECT_EQ((Versions{{"root", 1}, {"timestamp", 2}, {"snapshot", 1}, {"targets", 1}}), Trusted());
  simulator_.Publish({"snapshot"});  // what was missing comes: the equal timestamp is no end
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(2, Trusted().at("snapshot"));
}

TEST_F(Basic, KeepsTheNewSnapshotWhenItsTargetsAreMissing) {
  ASSERT_EQ(0, Init());
  ASSERT_EQ(0, Refresh());
  simulator_.Role("snapshot").at("meta").at("targets.json").as_object()["version"] = 2;
  simulator_.Publish({"snapshot", "timestamp"});
  Requests();
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ("2.targets.json", Requests().back());
  EXPECT_EQ((Versions{{"root", 1}, {"timestamp", 2}, {"snapshot", 2}, {"targets", 1}}), Trusted());
  simulator_.Publish({"targets"});
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(2, Trusted().at("targets"));
}

TEST_F(Basic, IsRefusedByARepositoryWithoutTimestamp) {
  ASSERT_EQ(0, Init());
  ASSERT_EQ(0, Refresh());
  simulator_.metadata().erase("timestamp.json");
  Requests();
  EXPECT_EQ(1, Refresh());
  EXPECT_THAT(Requests(), ElementsAre("2.root.json", "timestamp.json"));
}

TEST_F(Basic, TellsRolesApartByTheirType) {
  ASSERT_EQ(0, Init());
  // A snapshot that timestamp's key signed too and that says all that a timestamp says.
  simulator_.AddKey("snapshot", simulator_.signers("timestamp").front());
  auto& meta = simulator_.Role("snapshot").at("meta").as_object();
  meta.clear();
  meta["snapshot.json"] = {{"version", 1}};
  simulator_.Publish({"root", "snapshot"});
  simulator_.metadata().at("timestamp.json") = simulator_.metadata().at("2.snapshot.json");
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 2}}), Trusted());
}

TEST_F(Basic, SeesAFakedTime) {
  ASSERT_EQ(0, Init());
  simulator_.SetExpires("root", now_ + 5 * kDay);
  simulator_.Publish({"root"});
  EXPECT_EQ(0, Refresh(Date(4 * kDay))) << last_error_;
  EXPECT_EQ(1, Refresh(Date(6 * kDay)));
}

TEST_F(Basic, EndsWithOneForEveryWrongCommandLine) {
  EXPECT_EQ(1, Run({}));
  EXPECT_EQ(1, Run({"refresh"}));
  EXPECT_EQ(1, Run({"--metadata-dir"}));
  EXPECT_EQ(1, Run({"--no-such-option", "x", "refresh"}));
  EXPECT_EQ(1, Run({"--metadata-dir", metadata_dir().string(), "init"}));
  EXPECT_EQ(1, Run({"--metadata-dir", metadata_dir().string(), "init", "/nonexistent"}));
  EXPECT_EQ(1, Refresh());  // before init
}

struct RoleCase {
  std::string role;
  std::map<std::string, std::int64_t> trusted;
};
std::string NameOf(const testing::TestParamInfo<RoleCase>& chosen) {
  return chosen.param.role;
}

class Unsigned : public ClientTest, public testing::WithParamInterface<RoleCase> {};

TEST_P(Unsigned, IsRefusedAndNothingBehindItIsTaken) {
  simulator_.signers(GetParam().role).clear();
  simulator_.Publish({"root", "targets", "snapshot", "timestamp"});
  ASSERT_EQ(0, Init());
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(GetParam().trusted, Trusted());
}

INSTANTIATE_TEST_SUITE_P(
    Role, Unsigned,
    testing::Values(RoleCase{"root", {{"root", 1}}}, RoleCase{"timestamp", {{"root", 2}}},
                    RoleCase{"snapshot", {{"root", 2}, {"timestamp", 2}}},
                    RoleCase{"targets", {{"root", 2}, {"timestamp", 2}, {"snapshot", 2}}}),
    NameOf);

class VersionOfUrl : public ClientTest, public testing::WithParamInterface<RoleCase> {};

TEST_P(VersionOfUrl, MustBeThatOfTheFile) {
  const std::string& role = GetParam().role;
  simulator_.Publish({"root", "targets", "snapshot", "timestamp"});
  simulator_.Role(role)["version"] = 3;  // but it is served, and named, as version 2
  simulator_.metadata().at("2." + role + ".json") = simulator_.Signed(role);
  ASSERT_EQ(0, Init());
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(GetParam().trusted, Trusted());
}

INSTANTIATE_TEST_SUITE_P(
    Role, VersionOfUrl,
    testing::Values(RoleCase{"root", {{"root", 1}}},
                    RoleCase{"snapshot", {{"root", 2}, {"timestamp", 2}}},
                    RoleCase{"targets", {{"root", 2}, {"timestamp", 2}, {"snapshot", 2}}}),
    NameOf);

}  // namespace
}  // namespace flotilla::conformance
