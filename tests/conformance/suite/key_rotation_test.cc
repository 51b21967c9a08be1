// Family test_updater_key_rotations: who must have signed what, root by root and role by role.
#include <string>
#include <vector>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

// A role's keys and who signed, by number.
struct Step {
  std::vector<int> keys;
  int threshold = 1;
  std::vector<int> signers;
};

std::vector<int> Five() {
  return {0, 1, 2, 3, 4};
}
std::vector<int> FiveOthers() {
  return {5, 6, 7, 8, 9};
}
std::vector<int> OneOfFiveChanged() {
  return {0, 1, 3, 4, 5};
}

class KeyRotation : public ClientTest {
 protected:
  void Arrange(const std::string& role, const Step& step) {
    simulator_.RotateKeys(role, 0);
    simulator_.KeysOf(role)["threshold"] = step.threshold;
    for (const int number : step.keys) {
      simulator_.ListKey(role, Key(number));
    }
    for (const int number : step.signers) {
      simulator_.signers(role).push_back(Key(number));
    }
  }
  const SimulatorKey& Key(int number) const { return keys_.at(static_cast<std::size_t>(number)); }

 private:
  static std::vector<SimulatorKey> TenKeys() {
    std::vector<SimulatorKey> keys;
    keys.reserve(10);
    for (int i = 0; i < 10; ++i) {
      keys.push_back(SimulatorKey::Make(SimulatorKeyKind::kEd25519));
    }
    return keys;
  }
  const std::vector<SimulatorKey> keys_ = TenKeys();
};

struct RootCase {
  std::string name;
  std::vector<Step> roots;
  bool last_is_good = true;
};

class RootRotation : public KeyRotation, public testing::WithParamInterface<RootCase> {};

TEST_P(RootRotation, IsFollowedAsFarAsOldAndNewKeysSigned) {
  simulator_.metadata().clear();
  const auto& [name, roots, last_is_good] = GetParam();
  std::int64_t version = 0;
  for (const Step& step : roots) {
    Arrange("root", step);
    simulator_.Role("root")["version"] = ++version;
    simulator_.PublishAsIs("root");
  }
  simulator_.PublishAll();
  ASSERT_EQ(0, Init());
  EXPECT_EQ(last_is_good ? 0 : 1, Refresh()) << last_error_;
  const std::int64_t expected = last_is_good ? version : version - 1;
  EXPECT_EQ(simulator_.metadata().at(std::to_string(expected) + ".root.json"), Stored("root"));
}

INSTANTIATE_TEST_SUITE_P(
    Root, RootRotation,
    testing::Values(
        RootCase{"oneKey", {{{1}, 1, {1}}, {{2}, 1, {2, 1}}, {{2}, 1, {2}}}},
        RootCase{"oneKeyAmongStrangers",
                 {{{1}, 1, {3, 1, 4}}, {{2}, 1, {3, 2, 1, 4}}, {{2}, 1, {3, 2, 4}}}},
        RootCase{"threeOfFiveInAnyCombination",
                 {{Five(), 3, {0, 2, 4}},
                  {Five(), 3, {0, 4, 1}},
                  {Five(), 3, {0, 1, 3}},
                  {Five(), 3, {0, 1, 3}}}},
        RootCase{"oneOfFive", {{Five(), 3, {0, 2, 4}}, {OneOfFiveChanged(), 3, {0, 4, 1}}}},
        RootCase{"oneOfFiveWithAStepBetween",
                 {{Five(), 3, {0, 2, 4}},
                  {OneOfFiveChanged(), 3, {0, 2, 4, 5}},
                  {OneOfFiveChanged(), 3, {0, 4, 5}}}},
        RootCase{"allFive",
                 {{Five(), 3, {0, 2, 4}},
                  {FiveOthers(), 3, {0, 2, 4, 5, 6, 7}},
                  {FiveOthers(), 3, {5, 6, 7}}}},
        RootCase{"thresholdUp", {{{1, 2, 3}, 1, {1}}, {{1, 2, 3}, 2, {1, 2}}}},
        RootCase{"thresholdDown",
                 {{{1, 2, 3}, 2, {1, 2}}, {{1, 2, 3}, 1, {1, 2}}, {{1, 2, 3}, 1, {1}}}},
        RootCase{"keyAndThresholdUp", {{{1}, 1, {1}}, {{1, 2}, 2, {1, 2}}}},
        RootCase{"notByTheOldKey", {{{1}, 1, {1}}, {{2}, 1, {2, 3, 4}}}, false},
        RootCase{"notByTheNewKey", {{{1}, 1, {1}}, {{2}, 1, {1, 3, 4}}}, false},
        RootCase{
            "tooFewOfTheNew", {{Five(), 3, {0, 2, 4}}, {OneOfFiveChanged(), 3, {0, 2, 4}}}, false},
        RootCase{
            "tooFewOfTheOld", {{Five(), 3, {0, 2, 4}}, {OneOfFiveChanged(), 3, {0, 4, 5}}}, false},
        RootCase{"newThresholdNotReached", {{{1, 2, 3}, 1, {1}}, {{1, 2, 3}, 2, {2}}}, false},
        RootCase{"oldThresholdNotReached", {{{1, 2, 3}, 2, {1, 2}}, {{1, 2, 3}, 1, {1}}}, false}),
    [](const auto& chosen) { return chosen.param.name; });

struct RoleRotationCase {
  std::string name;
  Step step;
  bool good = true;
};

class RoleRotation : public KeyRotation, public testing::WithParamInterface<RoleRotationCase> {};

TEST_P(RoleRotation, TakesEffectWithTheRootThatSaysIt) {
  const auto& [name, step, good] = GetParam();
  ASSERT_EQ(0, Init());
  for (const char* role : {"timestamp", "snapshot", "targets"}) {
    Arrange(role, step);
    simulator_.Publish({"root"});
    simulator_.PublishAsIs(role);  // the same version, by other keys
    EXPECT_EQ(good ? 0 : 1, Refresh()) << role << last_error_;
    if (good) {
      EXPECT_EQ(simulator_.metadata().at(std::string(role) + ".json"), Stored(role));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Role, RoleRotation,
    testing::Values(RoleRotationCase{"oneKey", {{2}, 1, {2}}},
                    RoleRotationCase{"oneKeyAmongStrangers", {{1}, 1, {3, 1, 4}}},
                    RoleRotationCase{"notByTheNewKey", {{2}, 1, {1, 3, 4}}, false},
                    RoleRotationCase{"oneSignerIsNoKey", {OneOfFiveChanged(), 3, {0, 2, 4}}, false},
                    RoleRotationCase{"tooFewSigners", {OneOfFiveChanged(), 3, {0, 4}}, false},
                    RoleRotationCase{"firstThree", {Five(), 3, {0, 2, 4}}},
                    RoleRotationCase{"secondThree", {Five(), 3, {0, 4, 1}}},
                    RoleRotationCase{"thirdThree", {Five(), 3, {0, 1, 3}}},
                    RoleRotationCase{"fourthThree", {Five(), 3, {1, 2, 3}}},
                    RoleRotationCase{"fifthThree", {Five(), 3, {2, 3, 4}}}),
    [](const auto& chosen) { return chosen.param.name; });

TEST_F(KeyRotation, CatchesUpThreeHundredRootsInTwoRefreshes) {
  ASSERT_EQ(0, Init());
  for (int i = 0; i < 300; ++i) {
    simulator_.Publish({"root"});
  }
  EXPECT_EQ(1, Refresh());
  EXPECT_EQ((Versions{{"root", 257}}), Trusted());
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(301, Trusted().at("root"));
}

}  // namespace
}  // namespace flotilla::conformance
