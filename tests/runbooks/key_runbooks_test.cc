// Each runbook about keys is followed as it is written, after what it is for has happened; then the
// device goes on, and what the thief signs is refused.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.h"
#include "security/key_file.h"
#include "security/tuf/repository.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/runbooks/runbook_page.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 8U << 20U;

SiteOptions ManyKeepers() {
  SiteOptions options;
  options.root_keys = {"anna", "boris", "clara"};
  options.targets_keys = {"tara", "tom", "tina"};
  options.root_threshold = 2;
  options.targets_threshold = 2;
  return options;
}

class KeyRunbook : public FleetTest {
 protected:
  KeyRunbook() : FleetTest(ManyKeepers()) {}

  void SetUp() override {
    FleetTest::SetUp();
    fs::create_directories(desk_ / "bin");
    fs::create_directory_symlink(site_.folder() / "keys", desk_ / "keys");
    fs::create_directory_symlink(site_.metadata_dir(), desk_ / "metadata");
    fs::copy_file(site_.metadata_dir() / "1.root.json", desk_ / "first-root.json");
    // Who follows a page is asked before each signature; nobody can be asked here.
    Write(desk_ / "bin/fleetctl", "#!/bin/bash\nexec " + Program("fleetctl") + " --yes \"$@\"\n");
    fs::permissions(desk_ / "bin/fleetctl", fs::perms::owner_all);
    ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"pump-1"}));
    device_ = devices_["pump-1"];
  }

  static void Write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }

  void Follow(const std::string& page) {
    const auto blocks = BlocksOf(fs::path(FLOTILLA_RUNBOOKS) / page);
    ASSERT_FALSE(blocks.empty()) << page;
    for (const std::string& block : blocks) {
      if (!ByServiceManager(block)) {
        const CommandResult done = RunBlock(block);
        ASSERT_EQ(done.exit_code, 0) << block << done.out << done.err;
        shown_ += done.out;
      }
    }
  }
  CommandResult RunBlock(const std::string& block) const {
    const fs::path programs = fs::path(Program("fleetctl")).parent_path();
    return RunCommand(
        {"/bin/bash", "-c", "set -euo pipefail\ncd " + desk_.string() + "\n" + block},
        {"FLOTILLA_CONTEXT_FILE=" + (site_.folder() / "contexts.yaml").string(),
         "PATH=" + (desk_ / "bin").string() + ":" + programs.string() + ":/usr/bin:/bin",
         "CONTROLLER_CONFIG=" + (site_.folder() / "controller.yaml").string(),
         "ONLINE_KEYS=" + online_keys_.string(),
         "REPOSITORY=" + (site_.state_dir() / "repo").string(), "FIRST_ROOT=first-root.json",
         "CURRENT_ROOT=first-root.json",
         "DEVICE_TRUST_ROOT=" + (device_->config_file().parent_path() / "1.root.json").string(),
         std::string("LINE=") + kLine});
  }
  // No service manager runs here: the test stands in for it.
  bool ByServiceManager(const std::string& block) {
    if (block == "systemctl stop flotilla-controller\n") {
      site_.KillController();
    } else if (block == "systemctl start flotilla-controller\n") {
      Must(site_.StartController());
    } else if (block == "systemctl restart flotilla-agent\n") {
      device_->Stop();
      Must(device_->Start());
    } else {
      return false;
    }
    return true;
  }

  // The device takes this release.
  void ExpectUpdate(const std::string& version, const std::string& key = "models") {
    Must(site_.Push(version, kModelV2, 90, key));
    ExpectRollOut(version);
  }
  void ExpectRollOut(const std::string& version) {
    Must(site_.RollOut(version, {{"all", 0}}));
    EXPECT_TRUE(Eventually([&] { return site_.RolloutState(version) == "COMPLETED"; }))
        << site_.RolloutState(version) << site_.Why("pump-1");
    EXPECT_EQ(site_.Runs("pump-1"), version);
  }
  // The device refuses it for `reason`.
  void ExpectRefusal(const std::string& version, const std::string& reason) {
    Must(site_.RollOut(version, {{"all", 0}}));
    EXPECT_TRUE(Eventually([&] {
      return site_.DeploymentState(version, "pump-1").starts_with("REJECTED");
    })) << site_.DeploymentState(version, "pump-1");
    EXPECT_NE(site_.Why("pump-1").find(reason), std::string::npos) << site_.Why("pump-1");
  }
  void ExpectExit(const Command& words, int code, const std::string& text) const {
    const CommandResult result = site_.Fleetctl(words);
    EXPECT_EQ(result.exit_code, code) << result.out << result.err;
    EXPECT_NE((result.out + result.err).find(text), std::string::npos) << result.err;
  }

  // What a thief with these keys makes of a metadata file.
  static void Forge(const fs::path& from, const fs::path& to, const std::vector<fs::path>& keys,
                    const std::function<void(tuf::Draft&)>& edit) {
    auto draft = tuf::Draft::Load(ReadFile(from, kMaxBytes).value()).value();
    edit(draft);
    for (const fs::path& key : keys) {
      Must(draft.Sign(*security::LoadSigner(key, "").value()));
    }
    Write(to, ToText(draft.Encode().value()));
  }
  void ForgeTimestamp(const fs::path& key, std::int64_t rise) const {
    const fs::path file = site_.metadata_dir() / "timestamp.json";
    Forge(file, file, {key},
          [rise](tuf::Draft& draft) { draft.SetVersion(draft.version() + rise); });
  }

  const fs::path desk_ = site_.folder() / "desk";
  const fs::path online_keys_ = site_.state_dir() / "online-keys";
  Device* device_ = nullptr;
  std::string shown_;  // by the commands of the page
};

TEST_F(KeyRunbook, OnlineKeyStolen) {
  const fs::path stolen = site_.folder() / "stolen.key";
  fs::copy_file(online_keys_ / "timestamp.key", stolen);
  Must(site_.Push("2.0.0", kModelV2, 90));
  ForgeTimestamp(stolen, 1000);
  ExpectRollOut("2.0.0");  // the device holds the thief's version now
  ASSERT_NO_FATAL_FAILURE(Follow("online-key-stolen.md"));
  ExpectUpdate("2.1.0");
  site_.KillController();
  Must(site_.StartController());  // without the old keys
  Must(site_.Push("2.2.0", kModelV2, 90));
  ForgeTimestamp(stolen, 1);
  ExpectRefusal("2.2.0", "TRUST_THRESHOLD");
}

TEST_F(KeyRunbook, LineKeyStolen) {
  Must(site_.Push("6.6.6", kModelV2, 90));  // the thief's
  ASSERT_NO_FATAL_FAILURE(Follow("line-key-stolen.md"));
  EXPECT_NE(site_.Fleetctl({"release", "list"}).out.find("blocked"), std::string::npos);
  ExpectUpdate("2.0.0", "models-new");
  const Status again = site_.Push("6.6.7", kModelV2, 90);
  EXPECT_NE(MessageOf(again).find("TRUST_THRESHOLD"), std::string::npos) << again;
}

TEST_F(KeyRunbook, TargetsKeyStolen) {
  ASSERT_NO_FATAL_FAILURE(Follow("targets-key-stolen.md"));
  ExpectUpdate("2.0.0");
  ExpectExit({"delegate", "renew", "targets", "--key", site_.Key("tara").string(), "--yes"}, 4,
             "signs nothing");
}

TEST_F(KeyRunbook, TargetsThresholdStolen) {
  fs::copy(site_.metadata_dir(), desk_ / "backup");
  const std::vector<fs::path> stolen = {site_.Key("tara"), site_.Key("tom")};
  Must(site_.Run({"key", "new", "--out", site_.Key("mallory").string()}));
  Must(site_.Run({"delegate", "rotate", std::string("models-") + kLine, "--keys",
                  (site_.folder() / "keys/mallory.pub").string(), "--key", stolen[0].string(),
                  "--key", stolen[1].string(), "--key", site_.Key("mallory").string(), "--yes"}));
  const fs::path forged = site_.folder() / "100.targets.json";
  Forge(site_.metadata_dir() / "3.targets.json", forged, stolen,
        [](tuf::Draft& draft) { draft.SetVersion(100); });
  Must(site_.Run({"release", "publish", forged.string()}));
  Must(site_.Push("6.6.6", kModelV2, 90, "mallory"));
  ExpectRollOut("6.6.6");  // the device holds targets 100 now
  ASSERT_NO_FATAL_FAILURE(Follow("targets-threshold-stolen.md"));
  ExpectUpdate("2.0.0");
  const fs::path again = site_.folder() / "101.targets.json";
  Forge(forged, again, stolen, [](tuf::Draft& draft) { draft.SetVersion(101); });
  ExpectExit({"release", "publish", again.string()}, 4, "TRUST_THRESHOLD");
}

TEST_F(KeyRunbook, RootKeyStolen) {
  ASSERT_NO_FATAL_FAILURE(Follow("root-key-stolen.md"));
  ExpectUpdate("2.0.0");
  const std::string stage = (site_.folder() / "next").string();
  Must(site_.Run({"root", "edit", stage, "--threshold", "root=1"}));
  ExpectExit({"root", "sign", stage, "--key", site_.Key("clara").string(), "--yes"}, 4,
             "signs nothing");
}

TEST_F(KeyRunbook, RootThresholdLost) {
  ExpectExit({"root", "reset"}, 5, "factory root");
  ASSERT_NO_FATAL_FAILURE(Follow("root-threshold-lost.md"));
  ExpectExit({"release", "verify", kLine, "1.0.0", "--root", (desk_ / "first-root.json").string()},
             4, "TRUST_THRESHOLD");
  ExpectUpdate("2.0.0");
}

}  // namespace
}  // namespace flotilla::e2e
