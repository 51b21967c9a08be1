#include "tests/swarm/agents/agent_command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla::swarm {
namespace {

class AgentCommandTest : public testing::Test {
 protected:
  AgentCommandTest() {
    setup_.agent = "/opt/flotilla-agent";
    setup_.controller = "controller:7442";
    setup_.enrolment = "controller:7441";
    setup_.trust_root = "1.root.json";
    setup_.folder = folder_.path();
  }
  // The word after `flag`; empty: it is not there.
  static std::string After(const Command& command, const std::string& flag) {
    const auto found = std::find(command.begin(), command.end(), flag);
    return found == command.end() || found + 1 == command.end() ? std::string() : *(found + 1);
  }

  TempDir folder_;
  AgentSetup setup_;
};

TEST_F(AgentCommandTest, GivesEachAgentAFolderANameAndAPortOfItsOwn) {
  const Command first = AgentCommand(setup_, 0);
  const Command second = AgentCommand(setup_, 1);
  EXPECT_EQ(first[0], "/opt/flotilla-agent");
  EXPECT_EQ(first[1], "run");
  EXPECT_EQ(After(first, "--device-id"), "agent-1");
  EXPECT_EQ(After(second, "--device-id"), "agent-2");
  EXPECT_EQ(After(second, "--state-dir"), (folder_.path() / "agents/agent-2/state").string());
  EXPECT_EQ(After(second, "--listen"), "127.0.0.1:0");
  EXPECT_EQ(After(second, "--device-address"), "controller:7442");
  EXPECT_EQ(After(second, "--enrolment-address"), "controller:7441");
  EXPECT_EQ(After(second, "--engine"), "") << "the agent's own choice";
}

TEST_F(AgentCommandTest, ShowsTheTokenOnlyToWhoIsNotEnrolled) {
  setup_.token_file = "token";
  EXPECT_EQ(After(AgentCommand(setup_, 0), "--token-file"), "token");
  const auto identity = AgentFolder(setup_, 0) / "state/identity";
  std::filesystem::create_directories(identity);
  std::ofstream(identity / "device.pem") << "a chain";
  EXPECT_EQ(After(AgentCommand(setup_, 0), "--token-file"), "");
  EXPECT_EQ(After(AgentCommand(setup_, 1), "--token-file"), "token");
}

TEST_F(AgentCommandTest, EndsWithTheFurtherWords) {
  setup_.engine = "/opt/flotilla-engine";
  setup_.more = {"--hardware", "test-box"};
  const Command command = AgentCommand(setup_, 0);
  EXPECT_EQ(After(command, "--engine"), "/opt/flotilla-engine");
  EXPECT_EQ(Command(command.end() - 2, command.end()), setup_.more);
}

}  // namespace
}  // namespace flotilla::swarm
