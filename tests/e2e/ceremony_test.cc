// Ceremonies by several people, and what they refuse.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

SiteOptions TwoOfThree() {
  SiteOptions options;
  options.root_keys = {"anna", "boris", "clara"};
  options.root_threshold = 2;
  return options;
}

class Ceremony : public FleetTest {
 protected:
  Ceremony() : FleetTest(TwoOfThree()) {}

  std::string Stage(const std::string& name) const { return (site_.folder() / name).string(); }
  std::string Public(const std::string& name) const {
    return (site_.folder() / "keys" / (name + ".pub")).string();
  }
  void NewKey(const std::string& name) {
    Must(site_.Run({"key", "new", "--out", site_.Key(name).string()}));
  }
  void Sign(const std::string& stage, const std::string& key) {
    Must(site_.Run({"root", "sign", stage, "--key", site_.Key(key).string(), "--yes"}));
  }
  void ExpectRefused(const Command& words, int code, const std::string& text) const {
    const CommandResult result = site_.Fleetctl(words);
    EXPECT_EQ(result.exit_code, code) << result.out << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err;
  }
};

TEST_F(Ceremony, ARootIsPublishedOnceBothThresholdsHoldAndNotBefore) {
  NewKey("dora");
  const std::string stage = Stage("stage");
  Must(site_.Run({"root", "edit", stage, "--from", site_.metadata_dir().string(), "--add-key",
                  "root=" + Public("dora"), "--threshold", "root=3"}));
  ExpectRefused({"root", "sign", stage, "--key", site_.Key("anna").string()}, 5, "--yes");
  Sign(stage, "anna");
  Sign(stage, "dora");
  EXPECT_EQ(site_.Fleetctl({"root", "show", stage}).exit_code, 8);
  ExpectRefused({"root", "publish", stage, "--yes"}, 5, "keys of root 1");
  std::filesystem::copy(stage, Stage("copy"), std::filesystem::copy_options::recursive);
  Sign(Stage("copy"), "boris");
  EXPECT_EQ(site_.Fleetctl({"root", "merge", stage, Stage("copy")}).exit_code, 0);
  Must(site_.Run({"root", "publish", stage, "--trust-root",
                  (site_.metadata_dir() / "1.root.json").string(), "--yes"}));
  const CommandResult all = site_.Fleetctl({"repo", "verify", "--all-roots"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_NE(all.out.find("root 2"), std::string::npos) << all.out;
  const std::string repository = (site_.state_dir() / "repo").string();
  Must(site_.Run({"repo", "verify", "--from-root", "2", "--folder", repository}));
}

TEST_F(Ceremony, AStageOverARootThatIsNotTheNewestAnyMoreIsRefused) {
  for (const char* name : {"first", "second"}) {
    Must(site_.Run({"root", "edit", Stage(name), "--expires", name[0] == 'f' ? "300d" : "200d"}));
    Sign(Stage(name), "anna");
    Sign(Stage(name), "boris");
  }
  Must(site_.Run({"root", "publish", Stage("first"), "--yes"}));
  ExpectRefused({"root", "publish", Stage("second"), "--yes"}, 5, "fleetctl root edit");
}

TEST_F(Ceremony, ARootWhoseOnlineKeyTheControllerLacksIsRefused) {
  NewKey("elsewhere");
  Must(
      site_.Run({"root", "edit", Stage("stage"), "--set-key", "timestamp=" + Public("elsewhere")}));
  Sign(Stage("stage"), "anna");
  Sign(Stage("stage"), "boris");
  ExpectRefused({"root", "publish", Stage("stage"), "--yes"}, 5, "online-key");
}

TEST_F(Ceremony, ALineIsRenewedAndRevoked) {
  Must(site_.Push("1.0.0", kModelV1, 40));
  Must(site_.Run(
      {"delegate", "renew", "models-plant-slm", "--key", site_.Key("models").string(), "--yes"}));
  EXPECT_NE(site_.Fleetctl({"delegate", "list"}).out.find("models-plant-slm  2"),
            std::string::npos);
  Must(site_.Run(
      {"delegate", "revoke", "models-plant-slm", "--key", site_.Key("targets").string(), "--yes"}));
  EXPECT_EQ(site_.Fleetctl({"delegate", "list"}).out.find("models-plant-slm"), std::string::npos);
  const Status pushed = site_.Push("2.0.0", kModelV2, 90);
  EXPECT_NE(MessageOf(pushed).find("TRUST_TARGET_NOT_FOUND"), std::string::npos) << pushed;
}

TEST_F(Ceremony, AFloorThatAThiefRaisedIsResetByRootKeys) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"pump-1"}));
  const std::string models = site_.Key("models").string();
  Must(site_.Push("2.0.0", kModelV2, 90));
  Must(site_.Run({"floor", "set", kLine, "--counter", "50", "--key", models, "--yes"}));
  ExpectRefused({"floor", "set", kLine, "--counter", "2", "--key", models, "--yes"}, 5,
                "never falls");
  Must(site_.Run({"release", "push", "--line", kLine, "--version", "3.0.0", "--counter", "60",
                  "--key", models, "--golden", Demo("golden.jsonl").string(), "--floor", "90",
                  Demo(kModelV2).string()}));
  Must(site_.RollOut("3.0.0", {{"all", 0}}));
  ASSERT_TRUE(Eventually([&] { return site_.RolloutState("3.0.0") == "COMPLETED"; }));
  ExpectRefused({"floor", "reset", kLine, "--counter", "1", "--key", models, "--yes"}, 5,
                "signatures");
  Must(site_.Run({"floor", "reset", kLine, "--counter", "1", "--key", models, "--key",
                  site_.Key("anna").string(), "--key", site_.Key("boris").string(), "--yes"}));
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  EXPECT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }))
      << site_.RolloutState("2.0.0") << site_.Why("pump-1");
  EXPECT_EQ(site_.Runs("pump-1"), "2.0.0");
}

}  // namespace
}  // namespace flotilla::e2e
