#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "security/sha256.h"
#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr char kTarget[] = "models-plant-slm/1.0.0-default.gguf";

// A repository with keys of every kind and two roots, written by fleetctl and the controller: root
// has an Ed25519, an ECDSA and an RSA key, targets RSA, then ECDSA, the line ECDSA, then RSA.
class WrittenRepository : public FleetTest {
 protected:
  void SetUp() override {
    FleetTest::SetUp();
    for (const char* kind : {"ed25519", "ecdsa", "rsa"}) {
      for (const char* use : {"root", "targets", "line"}) {
        Must(site_.Run({"key", "new", "--kind", kind, "--out",
                        site_.Key(std::string(use) + "-" + kind).string()}));
      }
    }
    Rotate("first",
           {"--add-key", "root=" + Public("root-ecdsa"), "--add-key", "root=" + Public("root-rsa"),
            "--threshold", "root=3", "--set-key", "targets=" + Public("targets-rsa")},
           {"root", "root-ecdsa", "root-rsa", "targets-rsa"});
    RotateLine("line-ecdsa", "targets-rsa");
    Must(site_.Push("1.0.0", kModelV1, 40, "line-ecdsa"));
    Rotate("second", {"--set-key", "targets=" + Public("targets-ecdsa")},
           {"root", "root-ecdsa", "root-rsa", "targets-ecdsa"});
    RotateLine("line-rsa", "targets-ecdsa");
  }

  std::string Public(const std::string& name) const {
    return (site_.folder() / "keys" / (name + ".pub")).string();
  }
  void Rotate(const std::string& name, const Command& edit, const std::vector<std::string>& keys) {
    const std::string stage = (site_.folder() / name).string();
    Command words = {"root", "edit", stage};
    words.insert(words.end(), edit.begin(), edit.end());
    Must(site_.Run(words));
    Command sign = {"root", "sign", stage, "--yes"};
    for (const std::string& key : keys) {
      sign.insert(sign.end(), {"--key", site_.Key(key).string()});
    }
    Must(site_.Run(sign));
    Must(site_.Run({"root", "publish", stage, "--yes"}));
  }
  void RotateLine(const std::string& key, const std::string& targets) {
    Must(site_.Run({"delegate", "rotate", std::string("models-") + kLine, "--keys", Public(key),
                    "--key", site_.Key(targets).string(), "--key", site_.Key(key).string(),
                    "--yes"}));
  }

  fs::path Repository() const { return site_.state_dir() / "repo"; }
  fs::path Trusted() const { return site_.metadata_dir() / "1.root.json"; }
  static std::string Sha256Hex(const fs::path& file) {
    return security::Sha256File(file).value().ToHex();
  }

  // The reader walked from root 1 to root 3 and has the model's very bytes.
  static void ExpectRead(const CommandResult& result) {
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    boost::system::error_code error;
    const boost::json::value answer = boost::json::parse(result.out, error);
    ASSERT_FALSE(error) << result.out;
    EXPECT_EQ(answer.at("root").as_int64(), 3);
    EXPECT_EQ(std::string(answer.at("targets").at(kTarget).as_string()), Sha256Hex(Demo(kModelV1)));
  }
  // One byte of the served model is another one.
  void FlipAByteOfTheModel() const {
    for (const auto& entry : fs::recursive_directory_iterator(Repository() / "targets")) {
      if (entry.is_regular_file() && entry.path().string().ends_with(".1.0.0-default.gguf")) {
        fs::permissions(entry.path(), fs::perms::owner_all);
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(1000);
        file.put('~');
      }
    }
  }
};

class TufJs : public WrittenRepository {
 protected:
  CommandResult Read(const std::string& work) const {
    return RunCommand({"node", std::string(FLOTILLA_INTEROP_DIR) + "/tuf_js/read_repository.mjs",
                       FLOTILLA_TUF_JS_DIR, Repository().string(), Trusted().string(),
                       (site_.folder() / work).string(), kTarget},
                      {});
  }
};

TEST_F(TufJs, ReadsKeysOfEveryKindRootRotationAndDelegationAndRefusesOtherBytes) {
  ExpectRead(Read("good"));
  FlipAByteOfTheModel();
  const CommandResult refused = Read("bad");
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_NE(refused.err.find("Expected hash"), std::string::npos) << refused.err;
}

bool HasPythonTuf() {
  return RunCommand({"python3", "-c", "import tuf.ngclient"}, {}).exit_code == 0;
}

// Debian has it as a package from 13 on: there it is not left out.
bool MustHavePythonTuf() {
  const std::string release = FileText("/etc/os-release");
  const auto at = release.find("VERSION_ID=\"");
  return release.find("ID=debian") != std::string::npos && at != std::string::npos &&
         std::stoi(release.substr(at + 12)) >= 13;
}

class PythonTuf : public WrittenRepository {
 protected:
  void SetUp() override {
    if (!HasPythonTuf()) {
      ASSERT_FALSE(MustHavePythonTuf()) << "install python3-tuf; deploy/test does it";
      GTEST_SKIP() << "LEFT OUT: python-tuf is no package of this system (Debian has python3-tuf "
                      "from 13 on): whether it reads our repository and we read one of its own was "
                      "NOT tested here";
    }
    WrittenRepository::SetUp();
  }
  static CommandResult Python(const std::string& script, const Command& words) {
    Command command = {"python3", FLOTILLA_INTEROP_DIR "/" + script};
    command.insert(command.end(), words.begin(), words.end());
    return RunCommand(command, {});
  }
};

TEST_F(PythonTuf, ReadsKeysOfEveryKindRootRotationAndDelegationAndRefusesOtherBytes) {
  const auto read = [this](const std::string& work) {
    return Python("python_tuf_reads.py", {Repository().string(), Trusted().string(),
                                          (site_.folder() / work).string(), kTarget});
  };
  ExpectRead(read("good"));
  FlipAByteOfTheModel();
  EXPECT_EQ(read("bad").exit_code, 1);
}

TEST_F(PythonTuf, WritesWhatOurClientReads) {
  const std::string folder = (site_.folder() / "python-tuf").string();
  const CommandResult written = Python("python_tuf_writes.py", {folder});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  const CommandResult read =
      site_.Fleetctl({"repo", "verify", "--all-roots", "--folder", folder, "-o", "json"});
  EXPECT_EQ(read.exit_code, 0) << read.out << read.err;
  EXPECT_NE(read.out.find("ok, 3 targets"), std::string::npos) << read.out;
}

}  // namespace
}  // namespace flotilla::e2e
