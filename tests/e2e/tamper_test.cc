// A server that lies: each lie is refused by the device with its typed reason, and the old model
// keeps answering. The test has the controller's online keys, as an attacker who took it over
// would.

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "security/key_file.h"
#include "security/tuf/repository.h"
#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 64U << 20U;

class Tamper : public FleetTest {
 protected:
  void SetUp() override {
    FleetTest::SetUp();
    ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"target"}));
    device_ = devices_["target"];
    Must(site_.Push("2.0.0", kModelV2, 90));
  }

  // Offers 2.0.0 and expects that the device ends in `state` for `reason` and goes on as it was.
  void ExpectRefusal(const std::string& state, const std::string& reason) {
    Must(site_.RollOut("2.0.0", {{"all", 0}}));
    EXPECT_TRUE(Eventually([&] { return site_.DeploymentState("2.0.0", "target") == state; }))
        << "state " << site_.DeploymentState("2.0.0", "target");
    EXPECT_NE(site_.Why("target").find(reason), std::string::npos) << site_.Why("target");
    EXPECT_EQ(site_.Runs("target"), "1.0.0");
    EXPECT_FALSE(device_->Ask(kLine, kQuestion).empty());
  }

  // The newest file of a role: "12.snapshot.json".
  fs::path Newest(const std::string& role) const {
    int version = 0;
    for (const auto& entry : fs::directory_iterator(site_.metadata_dir())) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with("." + role + ".json")) {
        version = std::max(version, std::stoi(name));
      }
    }
    return site_.metadata_dir() / (std::to_string(version) + "." + role + ".json");
  }

  // Loads, edits, signs with the key of that file unless it is empty, and writes in place.
  static void Rewrite(const fs::path& file, const std::function<void(tuf::Draft&)>& edit,
                      const fs::path& key) {
    auto draft = tuf::Draft::Load(ReadFile(file, kMaxBytes).value());
    ASSERT_TRUE(draft.ok()) << draft.status();
    edit(*draft);
    if (!key.empty()) {
      auto signer = security::LoadSigner(key, "");
      ASSERT_TRUE(signer.ok()) << signer.status();
      Must(draft->Sign(**signer));
    }
    Write(file, draft->Encode().value());
  }
  static void Write(const fs::path& file, ByteView bytes) {
    fs::permissions(file, fs::perms::owner_all);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << AsText(bytes);
  }
  fs::path OnlineKey(const std::string& role) const {
    return site_.state_dir() / "online-keys" / (role + ".key");
  }

  Device* device_ = nullptr;
};

TEST_F(Tamper, RefusesAnArtifactWithOneFlippedByte) {
  const Bytes model = ReadFile(Demo(kModelV2), kMaxBytes).value();
  int flipped = 0;
  for (const auto& entry : fs::recursive_directory_iterator(site_.state_dir() / "repo")) {
    if (entry.is_regular_file() && entry.file_size() == model.size() &&
        ReadFile(entry.path(), kMaxBytes).value() == model) {
      Bytes damaged = model;
      damaged[damaged.size() / 2] ^= 1U;
      Write(entry.path(), damaged);
      ++flipped;
    }
  }
  ASSERT_GT(flipped, 0) << "the model's blob was not found";
  ExpectRefusal("FAILED_NO_CHANGE", "INSTALL_CHUNK_MISMATCH");
}

TEST_F(Tamper, RefusesAnUnsignedRelease) {
  Rewrite(Newest("models-plant-slm"), [](tuf::Draft& draft) { draft.SetVersion(draft.version()); },
          {});
  ExpectRefusal("REJECTED_SIGNATURE", "TRUST_THRESHOLD");
}

TEST_F(Tamper, RefusesAReleaseSignedByAnotherRole) {
  Rewrite(
      Newest("models-plant-slm"), [](tuf::Draft& draft) { draft.SetVersion(draft.version()); },
      site_.Key("targets"));
  ExpectRefusal("REJECTED_SIGNATURE", "TRUST_THRESHOLD");
}

TEST_F(Tamper, RefusesAnExpiredTimestamp) {
  Rewrite(
      site_.metadata_dir() / "timestamp.json",
      [](tuf::Draft& draft) {
        draft.SetVersion(draft.version() + 1);
        draft.SetExpires(ParseUtcText("2020-01-01T00:00:00Z").value());
      },
      OnlineKey("timestamp"));
  ExpectRefusal("REJECTED_EXPIRED_METADATA", "TRUST_EXPIRED_TIMESTAMP");
}

TEST_F(Tamper, RefusesAnOlderTimestamp) {
  Rewrite(
      site_.metadata_dir() / "timestamp.json", [](tuf::Draft& draft) { draft.SetVersion(1); },
      OnlineKey("timestamp"));
  ExpectRefusal("REJECTED_ROLLBACK_ATTACK", "TRUST_ROLLBACK_TIMESTAMP");
}

TEST_F(Tamper, RefusesAnOlderSnapshot) {
  const Bytes oldest = ReadFile(site_.metadata_dir() / "1.snapshot.json", kMaxBytes).value();
  Rewrite(
      site_.metadata_dir() / "timestamp.json",
      [&oldest](tuf::Draft& draft) {
        draft.SetVersion(draft.version() + 1);
        Must(draft.SetSnapshot(1, oldest));
      },
      OnlineKey("timestamp"));
  ExpectRefusal("REJECTED_ROLLBACK_ATTACK", "TRUST_ROLLBACK_SNAPSHOT");
}

class Publishing : public FleetTest {};

TEST_F(Publishing, RefusesAReleaseThatAFreshClientWouldNotAccept) {
  const CommandResult result =
      site_.Fleetctl({"release", "push", "--line", kLine, "--version", "1.0.0", "--key",
                      site_.Key("targets").string(), "--golden", Demo("golden.jsonl").string(),
                      "--floor", "40", Demo(kModelV1).string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find("TRUST_THRESHOLD"), std::string::npos) << result.err;
  EXPECT_EQ(site_.Fleetctl({"release", "show", kLine, "1.0.0"}).exit_code, 3);
}

}  // namespace
}  // namespace flotilla::e2e
