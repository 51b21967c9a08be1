// Family test_keys: thresholds, key kinds, ids.
#include <string>

#include <boost/json/serialize.hpp>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

class Keys : public ClientTest {
 protected:
  void SetUp() override { ASSERT_EQ(0, Init()); }
  // Edits the signatures of a published file.
  boost::json::value File(const std::string& name) {
    return boost::json::parse(simulator_.metadata().at(name));
  }
  void Put(const std::string& name, const boost::json::value& file) {
    simulator_.metadata().at(name) = boost::json::serialize(file);
  }
};

TEST_F(Keys, AThresholdThatIsNotMetKeepsASnapshotOut) {
  simulator_.RotateKeys("snapshot", 3);
  simulator_.KeysOf("snapshot")["threshold"] = 3;
  simulator_.Publish({"root", "targets", "snapshot", "timestamp"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  simulator_.signers("snapshot").pop_back();
  simulator_.PublishAll();
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(2, Trusted().at("snapshot"));
}

TEST_F(Keys, AThresholdAboveTheNumberOfKeysIsNeverMet) {
  simulator_.RotateKeys("snapshot", 5);
  simulator_.KeysOf("snapshot")["threshold"] = 6;
  simulator_.Publish({"root", "snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_FALSE(Trusted().contains("snapshot"));
}

TEST_F(Keys, OneKeyListedNineTimesIsOneKey) {
  const SimulatorKey key = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  for (int i = 0; i < 9; ++i) {
    simulator_.ListKey("snapshot", key);
  }
  simulator_.signers("snapshot").push_back(key);
  simulator_.KeysOf("snapshot")["threshold"] = 6;
  simulator_.Publish({"root", "snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_FALSE(Trusted().contains("snapshot"));
}

TEST_F(Keys, OneKeyUnderTwoIdsIsOneKey) {
  SimulatorKey first = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  SimulatorKey second = first;
  second.object["x-other"] = "id";
  ASSERT_NE(first.id(), second.id());
  simulator_.RotateKeys("snapshot", 0);
  simulator_.AddKey("snapshot", first);
  simulator_.AddKey("snapshot", second);
  simulator_.KeysOf("snapshot")["threshold"] = 2;
  simulator_.Publish({"root", "snapshot", "timestamp"});
  EXPECT_EQ(1, Refresh());
  EXPECT_FALSE(Trusted().contains("snapshot"));
}

TEST_F(Keys, TwoSignaturesUnderOneIdAreRefusedEvenWhenTheThresholdIsMet) {
  simulator_.Publish({"timestamp"});
  auto file = File("timestamp.json");
  auto& signatures = file.at("signatures").as_array();
  signatures.push_back(signatures.front());
  Put("timestamp.json", file);
  EXPECT_EQ(1, Refresh());
  EXPECT_FALSE(Trusted().contains("timestamp"));
}

TEST_F(Keys, ABadSignatureBesideEnoughGoodOnesDoesNoHarm) {
  simulator_.Publish({"timestamp"});
  auto file = File("timestamp.json");
  auto& signatures = file.at("signatures").as_array();
  signatures.push_back({{"keyid", SimulatorSha256Hex("unknown")}, {"sig", "abcdef"}});
  signatures.push_back({{"keyid", SimulatorSha256Hex("not hex")}, {"sig", "xyz"}});
  signatures.push_back({{"keyid", SimulatorSha256Hex("empty")}, {"sig", ""}});
  Put("timestamp.json", file);
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(2, Trusted().at("timestamp"));
}

TEST_F(Keys, AKeyIdThatIsNotItsKeysIsRefused) {
  const SimulatorKey key = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  simulator_.Role("root")["keys"].as_object()[SimulatorSha256Hex("any name")] = key.object;
  simulator_.Publish({"root"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 1}}), Trusted());
}

TEST_F(Keys, AThresholdOfZeroIsRefused) {
  simulator_.KeysOf("targets")["threshold"] = 0;
  simulator_.Publish({"root"});
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 1}}), Trusted());
}

struct KindCase {
  std::string name;
  SimulatorKeyKind kind;
};

class KeyKinds : public Keys, public testing::WithParamInterface<KindCase> {};

TEST_P(KeyKinds, SignARootAndAreMissedWhereTheySignWrongly) {
  const SimulatorKey key = SimulatorKey::Make(GetParam().kind);
  simulator_.AddKey("root", key);
  simulator_.KeysOf("root")["threshold"] = 2;
  simulator_.Publish({"root"});
  ASSERT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(2, Trusted().at("root"));
  simulator_.Publish({"root"});
  auto file = File("3.root.json");
  for (auto& signature : file.at("signatures").as_array()) {
    if (signature.at("keyid").as_string() == key.id()) {
      signature.as_object()["sig"] = key.Sign("something else");
    }
  }
  Put("3.root.json", file);
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ(2, Trusted().at("root"));
}

INSTANTIATE_TEST_SUITE_P(Kind, KeyKinds,
                         testing::Values(KindCase{"rsaPss", SimulatorKeyKind::kRsaPss},
                                         KindCase{"ecdsa", SimulatorKeyKind::kEcdsa},
                                         KindCase{"ed25519", SimulatorKeyKind::kEd25519}),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace flotilla::conformance
