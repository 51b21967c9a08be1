#include "telemetry/aggregator/app/commands.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "telemetry/aggregator/setup.h"
#include "tests/support/fake_executor.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() {
    options_.layout.state_dir = folder_.path() / "state";
    options_.host_names = {"helper.example"};
    options_.listen_port = 7446;
    options_.devices_file = folder_.path() / "devices";
    options_.minimum_batch = 3;
    options_.sealing_key_life = absl::Hours(24);
  }

  // What a command prints, or its error.
  std::string Run(const std::string& words, const std::string& input = "") {
    CLI::App app("", "flotilla-aggregator");
    CommandLine line;
    AddCommands(app, line);
    app.parse(words + " --config c");
    std::istringstream in(input);
    std::ostringstream out;
    const Status status = RunCommand(line, options_, {fs_, random_, clock_, in, out});
    return status.ok() ? out.str() : status.ToString();
  }
  std::string KeyFile(const std::string& name) {
    const auto file = folder_.path() / (name + ".pub");
    std::ofstream(file) << (*security::GenerateEd25519())->public_key().ToPem();
    return file.string();
  }

  TempDir folder_;
  OsDurableFs fs_;
  SeededRandom random_{3};
  FakeExecutor clock_;
  AggregatorOptions options_;
};

TEST_F(CommandsTest, InitPrintsTheFingerprintThatIdentityIsPinnedBy) {
  const std::string out = Run("init");
  const std::string pem = Run("identity");
  const auto identity = security::PublicKey::FromPem(pem);
  ASSERT_TRUE(identity.ok()) << pem;
  EXPECT_NE(out.find(FingerprintOf(*identity).ToHex()), std::string::npos) << out;
  EXPECT_NE(out.find("made      identity key"), std::string::npos) << out;
  EXPECT_NE(Run("init").find("there     identity key"), std::string::npos);
}

TEST_F(CommandsTest, DevicesAreAddedListedAndRemoved) {
  const std::string files = KeyFile("pump-1") + " " + KeyFile("pump-2");
  EXPECT_EQ(Run("device add " + files),
            "added 2, there before 0\n2 devices are registered\nnothing is ever summed up for "
            "fewer than 3\n");
  EXPECT_EQ(Run("device add " + files + " " + KeyFile("pump-3")),
            "added 1, there before 2\n3 devices are registered\n");
  const std::string list = Run("device list");
  EXPECT_NE(list.find("  pump-2\n"), std::string::npos) << list;
  EXPECT_NE(Run("device remove pump-2").find("removed "), std::string::npos);
  EXPECT_EQ(Run("device list").find("  pump-2\n"), std::string::npos);
  EXPECT_NE(Run("device remove pump-2").find("NOT_FOUND"), std::string::npos);
}

TEST_F(CommandsTest, KeysComeByStandardInputToo) {
  const auto pair = *security::GenerateEd25519();
  EXPECT_EQ(Run("device add - --label kiosk", pair->public_key().ToPem()).rfind("added 1", 0), 0U);
  EXPECT_NE(Run("device list").find("  kiosk\n"), std::string::npos);
  EXPECT_NE(Run("device add -", "rubbish").find("INVALID_ARGUMENT"), std::string::npos);
}

TEST_F(CommandsTest, TheLeadersWayInIsWrittenWithWhatToDoWithIt) {
  (void)Run("init");
  const std::string out = Run("leader --out " + (folder_.path() / "out").string());
  EXPECT_NE(out.find("address: helper.example:7446"), std::string::npos) << out;
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "out" / "leader.key"));
}

TEST_F(CommandsTest, HelpTeachesAFirstRun) {
  CLI::App app("", "flotilla-aggregator");
  CommandLine line;
  AddCommands(app, line);
  const std::string help = app.help();
  for (const char* const word : {"init", "identity", "device add", "leader", "run", "noise"}) {
    EXPECT_NE(help.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace flotilla::telemetry
