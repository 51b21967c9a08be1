#include "tests/swarm/agents/agent_swarm.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/child/process.h"
#include "tests/support/fake_executor.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::swarm {
namespace {

// Agents that are shell scripts.
class AgentSwarmTest : public testing::Test {
 protected:
  AgentSwarmTest() {
    setup_.agent = folder_.path() / "agent";
    setup_.folder = folder_.path() / "herd";
    setup_.token_file = folder_.path() / "token";
    options_.agents = 2;
  }
  StatusOr<AgentSwarm> Swarm(const std::string& script) {
    std::ofstream(setup_.agent) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(setup_.agent, std::filesystem::perms::owner_all);
    return AgentSwarm::Create(setup_, options_, clock_, random_);
  }
  // Lets the swarm take its turns, a second apart by its clock, until `condition` is true.
  template <typename Condition>
  bool Turns(AgentSwarm& swarm, const Condition& condition) {
    return WaitUntil(absl::Seconds(60), [&] {
      clock_.Advance(absl::Seconds(1));
      swarm.Turn([this](const std::string& line) { told_ += line + "\n"; });
      return condition();
    });
  }
  bool BothSay(const std::string& text) const {
    return FileText(AgentLog(setup_, 0)) == text && FileText(AgentLog(setup_, 1)) == text;
  }

  TempDir folder_;
  FakeExecutor clock_;
  SeededRandom random_{1};
  AgentSetup setup_;
  HerdOptions options_;
  std::string told_;
};

TEST_F(AgentSwarmTest, NamesTheFlagWhoseFileIsMissing) {
  setup_.trust_root = folder_.path() / "no root";
  const auto rootless = Swarm("true");
  EXPECT_EQ(rootless.status().code(), StatusCode::kNotFound);
  EXPECT_NE(rootless.status().message().find("--trust-root"), std::string::npos);
  setup_.trust_root.clear();
  setup_.engine = folder_.path() / "no engine";
  EXPECT_NE(Swarm("true").status().message().find("--engine"), std::string::npos);
}

TEST_F(AgentSwarmTest, EndsAllWhenAsked) {
  auto swarm = Swarm("echo ready; exec sleep 600");
  ASSERT_TRUE(swarm.ok()) << swarm.status();
  ASSERT_TRUE(Turns(*swarm, [&] { return BothSay("ready\n"); }));
  EXPECT_EQ(swarm->Report().live, 2U);
  EXPECT_EQ(swarm->Memory().size(), 2U);
  const std::vector<pid_t> agents = ChildrenOf(::getpid(), "");
  EXPECT_EQ(agents.size(), 2U);
  for (const pid_t agent : agents) {
    EXPECT_EQ(::getpgid(agent), agent) << "^C is for the swarm";
  }
  swarm->AskToEnd();
  ASSERT_TRUE(Turns(*swarm, [&] { return swarm->live() == 0; }));
  EXPECT_EQ(swarm->KillRest(), 0U);
  const HerdReport report = swarm->Report();
  EXPECT_EQ(report.counts.ends, (std::map<int, std::uint64_t>{{143, 2}}));
  EXPECT_EQ(report.counts.started, 2U);
}

TEST_F(AgentSwarmTest, KillsWhoDoesNotEnd) {
  auto swarm = Swarm("trap '' TERM; echo ready; exec sleep 600");
  ASSERT_TRUE(swarm.ok()) << swarm.status();
  ASSERT_TRUE(Turns(*swarm, [&] { return BothSay("ready\n"); }));
  swarm->AskToEnd();
  EXPECT_EQ(swarm->KillRest(), 2U);
  EXPECT_EQ(swarm->live(), 0U);
  EXPECT_EQ(swarm->Report().counts.ends, (std::map<int, std::uint64_t>{{137, 2}}));
}

TEST_F(AgentSwarmTest, StartsAgainWhoDiedAndTellsWhereItsLogIs) {
  auto swarm = Swarm("exit 7");
  ASSERT_TRUE(swarm.ok()) << swarm.status();
  ASSERT_TRUE(Turns(*swarm, [&] { return swarm->Report().counts.restarted >= 2; }));
  EXPECT_GE(swarm->Report().counts.deaths[7], 2U);
  EXPECT_NE(told_.find("agent-1 ended with 7: " + AgentLog(setup_, 0).string()), std::string::npos)
      << told_;
}

TEST_F(AgentSwarmTest, HasItsFolderAlone) {
  const auto first = Swarm("exec sleep 600");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Swarm("exec sleep 600").status().code(), StatusCode::kUnavailable);
}

TEST_F(AgentSwarmTest, SaysThatAProgramOrATokenIsMissing) {
  EXPECT_EQ(AgentSwarm::Create(setup_, options_, clock_, random_).status().code(),
            StatusCode::kNotFound);
  setup_.token_file.clear();
  EXPECT_EQ(Swarm("exec sleep 600").status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::swarm
