#ifndef FLOTILLA_TESTS_UNIT_FLEETCTL_CEREMONY_FIXTURE_H_
#define FLOTILLA_TESTS_UNIT_FLEETCTL_CEREMONY_FIXTURE_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/trust/stage.h"
#include "security/key_file.h"
#include "security/tuf/key.h"
#include "security/tuf/repository.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {

inline const Time kToday = ParseUtcText("2026-01-01T00:00:00Z").value();
inline const Time kExpires = ParseUtcText("2027-01-01T00:00:00Z").value();

// People with keys: anna, boris and clara hold root keys (two are needed), tom signs targets.
class CeremonyFixture : public testing::Test {
 protected:
  security::KeyPair& Key(const std::string& name) {
    auto& key = keys_[name];
    if (key == nullptr) {
      key = security::GenerateEd25519().value();
    }
    return *key;
  }
  std::string Id(const std::string& name) { return tuf::KeyId(Key(name).public_key()); }
  // FILE.pub of that key.
  std::string PublicFile(const std::string& name) {
    const auto file = dir_.path() / (name + ".pub");
    EXPECT_TRUE(security::SavePublicKey(fs_, file, Key(name).public_key()).ok());
    return file.string();
  }

  tuf::Draft FirstRoot() {
    tuf::Draft root = tuf::Draft::New(tuf::RoleType::kRoot, kExpires);
    for (const char* name : {"anna", "boris", "clara"}) {
      EXPECT_TRUE(root.AddKey("root", Key(name).public_key()).ok());
    }
    EXPECT_TRUE(root.SetThreshold("root", 2).ok());
    EXPECT_TRUE(root.AddKey("targets", Key("tom").public_key()).ok());
    EXPECT_TRUE(root.AddKey("snapshot", Key("snapshot").public_key()).ok());
    EXPECT_TRUE(root.AddKey("timestamp", Key("timestamp").public_key()).ok());
    return root;
  }
  Bytes Signed(tuf::Draft draft, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      EXPECT_TRUE(draft.Sign(Key(name)).ok());
    }
    return draft.Encode().value();
  }
  // A stage over root 1 and targets 1 as they are published.
  Stage OverFirst(const std::string& name) {
    Stage stage = Stage::Create(fs_, Folder(name)).value();
    EXPECT_TRUE(stage.Trust(fs_, "root", Signed(FirstRoot(), {"anna", "boris"})).ok());
    EXPECT_TRUE(stage.Trust(fs_, "targets", Signed(Targets(), {"tom"})).ok());
    return stage;
  }
  static tuf::Draft Targets() { return tuf::Draft::New(tuf::RoleType::kTargets, kExpires); }
  std::filesystem::path Folder(const std::string& name) const { return dir_.path() / name; }

  TempDir dir_;
  OsDurableFs fs_;

 private:
  std::map<std::string, std::unique_ptr<security::KeyPair>> keys_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_TESTS_UNIT_FLEETCTL_CEREMONY_FIXTURE_H_
