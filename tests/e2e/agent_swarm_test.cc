// The load generator's real agents: they enrol once, follow a rollout, come back, and leave nobody.

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tests/e2e/support/fleet_test.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {
namespace {

namespace json = boost::json;

constexpr char kAllOnFirst[] = R"({"known":3,"online":3,"releases":{"plant-slm 1.0.0":3}})";

SiteOptions SlowHeartbeat() {
  SiteOptions options;
  options.heartbeat = absl::Seconds(10);
  return options;
}

class SwarmOfAgents : public FleetTest {
 protected:
  // Nobody is late for being busy.
  SwarmOfAgents() : FleetTest(SlowHeartbeat()) {}

  // `token`: of the folder of the site; empty: none.
  void StartSwarm(const std::string& token) {
    Command words = {Program("flotilla-swarm"),
                     "agents",
                     "--count",
                     "3",
                     "--agent",
                     Program("flotilla-agent"),
                     "--engine",
                     Program("flotilla-engine"),
                     "--controller",
                     site_.Listener("device"),
                     "--enrolment",
                     site_.Listener("enrolment"),
                     "--trust-root",
                     (site_.metadata_dir() / "1.root.json").string(),
                     "--state",
                     Folder().string(),
                     "--prefix",
                     "real-",
                     "--ramp",
                     "1",
                     "--operator",
                     site_.Listener("operator"),
                     "--operator-dir",
                     (site_.state_dir() / "operator").string()};
    if (!token.empty()) {
      words.insert(words.end(), {"--token", "@" + token});
    }
    words.insert(words.end(), {"--", "--hardware", "test-box", "--label", "site", "north"});
    std::filesystem::remove(Out());
    std::filesystem::remove(Err());
    auto started = Process::StartWith(words, {Out(), Err()});
    ASSERT_TRUE(started.ok()) << started.status();
    swarm_ = *std::move(started);
    ASSERT_TRUE(Eventually(
        [&] { return FileText(Err()).find("all live and enrolled") != std::string::npos; },
        absl::Seconds(120)))
        << FileText(Err());
  }

  // Asks the running swarm until what it says of the controller is this.
  bool ControllerSays(const std::string& expected) {
    return Eventually(
        [&] {
          const std::string before = FileText(Out());
          swarm_->Signal(SIGUSR2);
          Eventually([&] { return FileText(Out()) != before; }, absl::Seconds(10));
          return json::serialize(At(LastReport(), "/controller")) == expected;
        },
        absl::Seconds(120));
  }

  // Ends the swarm; its last line.
  json::value End() {
    swarm_->Signal(SIGTERM);
    EXPECT_EQ(swarm_->Wait(absl::Seconds(60)).value_or(-1), 0) << FileText(Err());
    return LastReport();
  }

  json::value LastReport() const {
    std::string text = FileText(Out());
    text.erase(text.find_last_not_of('\n') + 1);
    boost::system::error_code error;
    return json::parse(text.substr(text.rfind('\n') + 1), error);
  }

  static json::value At(const json::value& value, const std::string& pointer) {
    boost::system::error_code error;
    const json::value* found = value.find_pointer(pointer, error);
    return found == nullptr ? json::value() : *found;
  }

  // The swarm's agents and their engines.
  std::vector<pid_t> Family() const {
    std::vector<pid_t> all = swarm_->Children("flotilla-agent");
    for (const pid_t agent : std::vector<pid_t>(all)) {
      const std::vector<pid_t> engines = ChildrenOf(agent, "flotilla-engine");
      all.insert(all.end(), engines.begin(), engines.end());
    }
    return all;
  }

  std::filesystem::path Folder() const { return site_.folder() / "herd"; }
  std::filesystem::path Out() const { return site_.folder() / "swarm.out"; }
  std::filesystem::path Err() const { return site_.folder() / "swarm.err"; }

  std::unique_ptr<Process> swarm_;
};

bool AllGone(const std::vector<pid_t>& processes) {
  return std::all_of(processes.begin(), processes.end(), [](pid_t pid) {
    return FileText("/proc/" + std::to_string(pid) + "/cmdline").empty();
  });
}

TEST_F(SwarmOfAgents, EnrolsOnceFollowsARolloutComesBackAndLeavesNobody) {
  const auto token = site_.CreateToken({"--uses", "3"});
  ASSERT_TRUE(token.ok()) << token.status();
  const std::filesystem::path token_file = site_.folder() / "three-uses";
  std::ofstream(token_file) << *token << "\n";
  ASSERT_NO_FATAL_FAILURE(StartSwarm(token_file.string()));
  Must(site_.Push("1.0.0", kModelV1, 40));
  Must(site_.RollOut("1.0.0", {{"all", 0}}));
  ASSERT_TRUE(
      Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }, absl::Seconds(180)))
      << site_.RolloutState("1.0.0") << " " << site_.WaveCounts("1.0.0");
  EXPECT_TRUE(ControllerSays(kAllOnFirst)) << FileText(Out());

  const std::vector<pid_t> first = swarm_->Children("flotilla-agent");
  ASSERT_EQ(first.size(), 3U);
  ::kill(first.front(), SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    const std::vector<pid_t> now = swarm_->Children("flotilla-agent");
    return now.size() == 3 && std::find(now.begin(), now.end(), first.front()) == now.end();
  })) << FileText(Err());
  std::vector<pid_t> family;
  EXPECT_TRUE(Eventually([&] {
    family = Family();
    return family.size() == 6;
  })) << "three agents with an engine each; "
      << family.size();
  EXPECT_TRUE(ControllerSays(kAllOnFirst)) << FileText(Out());

  const json::value report = End();
  EXPECT_EQ(json::serialize(At(report, "/controller")), kAllOnFirst);
  EXPECT_EQ(json::serialize(At(report, "/deaths")), R"({"137":1})");
  EXPECT_EQ(json::serialize(At(report, "/ends")), R"({"0":3})");
  EXPECT_EQ(json::serialize(At(report, "/started")), "4");
  EXPECT_EQ(json::serialize(At(report, "/restarted")), "1");
  EXPECT_EQ(json::serialize(At(report, "/live")), "3");
  EXPECT_NE(json::serialize(At(report, "/resident_kb/p50")), "null");
  EXPECT_TRUE(Eventually([&] { return AllGone(family); }));

  ASSERT_NO_FATAL_FAILURE(StartSwarm("")) << "who is enrolled needs no token";
  EXPECT_TRUE(ControllerSays(kAllOnFirst)) << FileText(Out());
  std::vector<pid_t> again;
  EXPECT_TRUE(Eventually([&] {
    again = Family();
    return again.size() == 6;
  }));
  swarm_->Kill();
  EXPECT_TRUE(Eventually([&] { return AllGone(again); }))
      << "children die with a swarm that is killed";
}

TEST(SwarmOfScripts, KillsWhoHasNotEndedWithinTheLimitAndSaysSo) {
  const TempDir folder;
  const std::filesystem::path agent = folder.path() / "agent";
  std::ofstream(agent) << "#!/bin/sh\ntrap '' TERM\necho \"$@\"\nexec sleep 600\n";
  std::filesystem::permissions(agent, std::filesystem::perms::owner_all);
  const std::filesystem::path herd = folder.path() / "herd";
  const Command words = {Program("flotilla-swarm"),
                         "agents",
                         "--agent",
                         agent.string(),
                         "--controller",
                         "localhost:1",
                         "--enrolment",
                         "localhost:2",
                         "--trust-root",
                         agent.string(),
                         "--token",
                         "a token",
                         "--state",
                         herd.string(),
                         "--end-limit",
                         "0.5",
                         "--",
                         "--hardware",
                         "test-box"};
  auto swarm = Process::StartWith(words, {folder.path() / "out", folder.path() / "err"});
  ASSERT_TRUE(swarm.ok()) << swarm.status();
  const std::filesystem::path log = herd / "agents/agent-1/agent.log";
  ASSERT_TRUE(WaitUntil(absl::Seconds(60), [&] { return !FileText(log).empty(); }));
  EXPECT_NE(
      FileText(log).find(" --token-file " + (herd / "token").string() + " --hardware test-box\n"),
      std::string::npos)
      << FileText(log);
  EXPECT_EQ(FileText(herd / "token"), "a token");
  (*swarm)->Signal(SIGTERM);
  EXPECT_EQ((*swarm)->Wait(absl::Seconds(60)), 3);
  EXPECT_NE(FileText(folder.path() / "out").find(R"("ends":{"137":1},"killed":1)"),
            std::string::npos)
      << FileText(folder.path() / "out");
}

}  // namespace
}  // namespace flotilla::e2e
