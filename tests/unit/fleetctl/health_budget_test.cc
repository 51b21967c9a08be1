#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "fleetctl/cli/cli.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/health_budget_command.h"
#include "fleetctl/health/gate_budget.h"
#include "fleetctl/health/plan_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
};

Outcome Budget(std::vector<const char*> words) {
  const flotilla::TempDir dir;
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  CLI::App app("", "fleetctl");
  Cli cli(app, {out, err, in, false, false, dir.path() / "contexts.yaml"});
  AddHealthBudgetCommand(cli);
  words.insert(words.begin(), {"fleetctl", "health", "budget"});
  const int code = cli.Main(static_cast<int>(words.size()), words.data());
  return {code, out.str()};
}

BudgetAnswer Answer(std::uint64_t devices, double regression, std::uint32_t looks) {
  PlanRandom random(1);
  BudgetQuestion question;
  question.devices = devices;
  question.regression = regression;
  question.looks = looks;
  return AnswerBudget(question, random).value();
}

TEST(HealthBudget, PrintsTheTableOfThePrivacyPage) {
  const Outcome outcome =
      Budget({"--devices", "500", "--devices", "5000", "--devices", "50000", "--releases", "13"});
  ASSERT_EQ(outcome.code, kExitOk);
  const auto page = ReadFile(FLOTILLA_DOCS_DIR "/privacy.md", 1U << 20U);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_NE(ToText(*page).find(outcome.out), std::string::npos) << outcome.out;
}

TEST(HealthBudget, CountsEveryReleaseOnce) {
  for (const std::uint64_t devices : {100U, 500U, 5'000U, 50'000U}) {
    for (const double regression : {0.05, 0.12, 0.25}) {
      const BudgetAnswer answer = Answer(devices, regression, 2);
      EXPECT_EQ(answer.verdicts + answer.no_budget + answer.smoke_only, 13U) << devices;
      EXPECT_LE(answer.most_epsilon, 8) << devices;
    }
  }
}

TEST(HealthBudget, AFleetThatFindsNothingSpendsNothing) {
  const BudgetAnswer answer = Answer(500, 0.05, 2);
  EXPECT_EQ(answer.smoke_only, 13U);
  EXPECT_EQ(answer.most_epsilon, 0);
  EXPECT_EQ(answer.devices_per_arm, 250U);
}

TEST(HealthBudget, ALargeFleetPaysForEveryGate) {
  EXPECT_EQ(Answer(50'000, 0.05, 2).verdicts, 13U);
  EXPECT_LT(Answer(50'000, 0.05, 2).mean_epsilon, 2);
}

TEST(HealthBudget, SaysTheSameInJson) {
  const Outcome outcome =
      Budget({"--devices", "5000", "--looks", "1", "--regression", "5", "-o", "json"});
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_EQ(outcome.out.rfind("{\"devices\":5000,", 0), 0U) << outcome.out;
}

TEST(HealthBudget, RefusesWhatTheTierDoesNotAllow) {
  EXPECT_NE(Budget({"--devices", "500", "--histograms", "4"}).code, kExitOk);
  EXPECT_NE(Budget({"--devices", "500", "--looks", "3"}).code, kExitOk);
  EXPECT_EQ(Budget({}).code, kExitUsage);
}

}  // namespace
}  // namespace flotilla::fleetctl
