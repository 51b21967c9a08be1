// Hundreds of simulated devices against a real controller: nothing lost, nothing doubled.

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

class SwarmOfDevices : public FleetTest {
 protected:
  void StartSwarm(const Command& more = {}) {
    const auto token = site_.CreateToken({"--uses", "1000"});
    ASSERT_TRUE(token.ok()) << token.status();
    Command words = {Program("flotilla-swarm"),
                     "--devices",
                     "200",
                     "--controller",
                     site_.Listener("device"),
                     "--enrolment",
                     site_.Listener("enrolment"),
                     "--token",
                     *token,
                     "--state",
                     (site_.folder() / "swarm").string(),
                     "--ramp",
                     "2",
                     "--sources",
                     "50",
                     "--accept-delay",
                     "0.2",
                     "--step-delay",
                     "0.05",
                     "--operator",
                     site_.Listener("operator"),
                     "--operator-dir",
                     (site_.state_dir() / "operator").string(),
                     "--report",
                     "json"};
    words.insert(words.end(), more.begin(), more.end());
    auto started = Process::Start(words, Log());
    ASSERT_TRUE(started.ok()) << started.status();
    swarm_ = *std::move(started);
    ASSERT_TRUE(Eventually([&] { return FileText(Log()).find("all up") != std::string::npos; },
                           absl::Seconds(120)))
        << FileText(Log());
  }

  // Ends the swarm; its report.
  boost::json::value Report() {
    swarm_->Signal(SIGTERM);
    const auto code = swarm_->Wait(absl::Seconds(90));
    EXPECT_EQ(code.value_or(-1), 0) << FileText(Log());
    const std::string text = FileText(Log());
    const std::size_t start = text.rfind("\n{");
    boost::system::error_code error;
    return boost::json::parse(start == std::string::npos ? text : text.substr(start + 1), error);
  }

  static std::int64_t Number(const boost::json::value& value, const std::string& pointer) {
    boost::system::error_code error;
    const boost::json::value* found = value.find_pointer(pointer, error);
    return found == nullptr || !found->is_number() ? -1 : found->to_number<std::int64_t>(error);
  }

  std::filesystem::path Log() const { return site_.folder() / "swarm.log"; }

  std::unique_ptr<Process> swarm_;
};

TEST_F(SwarmOfDevices, GoesThroughThreeWavesAndNoReportIsLostOrDoubled) {
  ASSERT_NO_FATAL_FAILURE(StartSwarm());
  Must(site_.Push("1.0.0", kModelV1, 40));
  Must(site_.RollOut("1.0.0", {{"canary", 20}, {"early", 60}, {"rest", 0}}));
  ASSERT_TRUE(
      Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }, absl::Seconds(180)))
      << site_.RolloutState("1.0.0") << " " << site_.WaveCounts("1.0.0");
  EXPECT_EQ(site_.WaveCounts("1.0.0"), R"({"200":20} {"200":60} {"200":120})");
  const boost::json::value report = Report();
  EXPECT_EQ(Number(report, "/reports_made"), 8 * 200);
  EXPECT_EQ(Number(report, "/reports_waiting"), 0);
  EXPECT_EQ(Number(report, "/ledger/checked"), 8 * 200);
  EXPECT_EQ(Number(report, "/ledger/lost"), 0);
  EXPECT_EQ(Number(report, "/ledger/doubled"), 0);
  EXPECT_EQ(Number(report, "/ledger/altered"), 0);
}

TEST_F(SwarmOfDevices, ComesBackAfterTheControllerWasKilledAndLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(StartSwarm({"--resume"}));
  Must(site_.Push("1.0.0", kModelV1, 40));
  Must(site_.RollOut("1.0.0", {{"canary", 20}, {"early", 60}, {"rest", 0}}));
  ASSERT_TRUE(Eventually([&] {
    return site_.WaveCounts("1.0.0").find(R"("200":20)") != std::string::npos;
  })) << site_.WaveCounts("1.0.0");
  site_.KillController();
  Must(site_.StartController());
  ASSERT_TRUE(
      Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }, absl::Seconds(240)))
      << site_.RolloutState("1.0.0") << " " << site_.WaveCounts("1.0.0");
  EXPECT_EQ(site_.WaveCounts("1.0.0"), R"({"200":20} {"200":60} {"200":120})");
  const boost::json::value report = Report();
  EXPECT_GE(Number(report, "/sessions"), 400) << "every device had a session before and after";
  EXPECT_EQ(Number(report, "/ledger/lost"), 0);
  EXPECT_EQ(Number(report, "/ledger/doubled"), 0);
  EXPECT_EQ(Number(report, "/ledger/altered"), 0);
}

TEST_F(SwarmOfDevices, IsSentAwayInOrderWhenTheControllerEndsAndLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(StartSwarm());
  Must(site_.Push("1.0.0", kModelV1, 40));
  Must(site_.RollOut("1.0.0", {{"canary", 20}, {"early", 60}, {"rest", 0}}));
  ASSERT_TRUE(Eventually([&] {
    return site_.WaveCounts("1.0.0").find(R"("200":20)") != std::string::npos;
  })) << site_.WaveCounts("1.0.0");
  site_.controller().Signal(SIGTERM);
  EXPECT_EQ(site_.controller().Wait(absl::Seconds(60)).value_or(-1), 0);
  Must(site_.StartController());
  ASSERT_TRUE(
      Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }, absl::Seconds(240)))
      << site_.RolloutState("1.0.0") << " " << site_.WaveCounts("1.0.0");
  const boost::json::value report = Report();
  EXPECT_EQ(Number(report, "/ends/session UNAVAILABLE: the controller restarts"), 200);
  EXPECT_EQ(Number(report, "/ledger/lost"), 0);
  EXPECT_EQ(Number(report, "/ledger/doubled"), 0);
  EXPECT_EQ(Number(report, "/ledger/altered"), 0);
}

}  // namespace
}  // namespace flotilla::e2e
