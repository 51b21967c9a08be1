#include "fleetctl/commands/health_budget_command.h"

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/health/gate_budget.h"
#include "fleetctl/health/plan_random.h"

namespace flotilla::fleetctl {
namespace {

constexpr double kPoints = 100;

struct BudgetOptions {
  std::vector<std::uint64_t> devices;
  std::vector<double> regressions = {5, 12, 25};
  std::vector<std::uint32_t> looks = {1, 2};
  std::uint32_t releases = 13;
  std::string between = "7d";
  double base = 3;
  std::uint32_t histograms = 0;
  std::uint64_t arm = 0;
  std::uint64_t seed = 1;
};

struct BudgetRow {
  BudgetQuestion question;
  BudgetAnswer answer;
};

StatusOr<std::vector<BudgetRow>> Rows(const BudgetOptions& options) {
  BudgetQuestion question;
  FLOTILLA_ASSIGN_OR_RETURN(question.between, ParseDurationText(options.between));
  question.releases = options.releases;
  question.base_rate = options.base / kPoints;
  question.histograms = options.histograms;
  question.devices_per_arm = options.arm;
  std::vector<BudgetRow> rows;
  for (const std::uint64_t devices : options.devices) {
    for (const double regression : options.regressions) {
      for (const std::uint32_t looks : options.looks) {
        question.devices = devices;
        question.regression = regression / kPoints;
        question.looks = looks;
        PlanRandom draws(options.seed);
        FLOTILLA_ASSIGN_OR_RETURN(const BudgetAnswer answer, AnswerBudget(question, draws));
        rows.push_back({question, answer});
      }
    }
  }
  return rows;
}

std::string Points(double share) {
  return absl::StrFormat("%.1f", kPoints * share);
}

void PrintTable(Cli& cli, const std::vector<BudgetRow>& rows) {
  Table table({"DEVICES", "TO FIND", "LOOKS", "PER ARM", "FINDS", "GATES", "VERDICTS", "NO BUDGET",
               "SMOKE ONLY", "EPS MEAN", "EPS MOST"});
  for (const BudgetRow& row : rows) {
    const BudgetQuestion& question = row.question;
    const BudgetAnswer& answer = row.answer;
    table.Add({absl::StrCat(question.devices), Points(question.regression),
               absl::StrCat(question.looks), absl::StrCat(answer.devices_per_arm),
               answer.smallest_regression.has_value() ? Points(*answer.smallest_regression) : "",
               absl::StrCat(question.releases), absl::StrCat(answer.verdicts),
               absl::StrCat(answer.no_budget), absl::StrCat(answer.smoke_only),
               absl::StrFormat("%.2f", answer.mean_epsilon),
               absl::StrFormat("%.2f", answer.most_epsilon)});
  }
  table.Print(cli.out());
  cli.out() << "TO FIND, FINDS: rise of the share of bad verdicts, in points. A device gives away "
               "epsilon 8 in 90 days at most.\n";
}

void PrintJsonLines(Cli& cli, const std::vector<BudgetRow>& rows) {
  for (const BudgetRow& row : rows) {
    boost::json::object line;
    line["devices"] = row.question.devices;
    line["regression"] = row.question.regression;
    line["looks"] = row.question.looks;
    line["releases"] = row.question.releases;
    line["devices_per_arm"] = row.answer.devices_per_arm;
    if (row.answer.smallest_regression.has_value()) {
      line["smallest_regression"] = *row.answer.smallest_regression;
    }
    line["verdicts"] = row.answer.verdicts;
    line["no_budget"] = row.answer.no_budget;
    line["smoke_only"] = row.answer.smoke_only;
    line["reserved_epsilon"] = row.answer.reserved_epsilon;
    line["mean_epsilon"] = row.answer.mean_epsilon;
    line["most_epsilon"] = row.answer.most_epsilon;
    cli.out() << boost::json::serialize(line) << "\n";
  }
}

StatusOr<int> Budget(Cli& cli, const BudgetOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<BudgetRow> rows, Rows(options));
  if (cli.form() == OutputForm::kJson) {
    PrintJsonLines(cli, rows);
  } else {
    PrintTable(cli, rows);
  }
  return kExitOk;
}

CLI::App& HealthGroup(Cli& cli) {
  const std::vector<CLI::App*> groups =
      cli.app().get_subcommands([](CLI::App* app) { return app->get_name() == "health"; });
  return groups.empty() ? cli.AddGroup(cli.app(), "health", "Private health metrics")
                        : *groups.front();
}

}  // namespace

void AddHealthBudgetCommand(Cli& cli) {
  const auto options = std::make_shared<BudgetOptions>();
  CLI::App& budget = cli.AddCommand(
      HealthGroup(cli), "budget",
      "Show how many private gates give a verdict before the devices' privacy budget is spent.\n"
      "Needs no controller. The same answer for the same --seed.",
      "fleetctl health budget --devices 500 --devices 5000 --devices 50000 --releases 13\n"
      "  fleetctl health budget --devices 5000 --regression 5 --looks 1 --histograms 4",
      [options](Cli& run) { return Budget(run, *options); });
  budget.add_option("--devices", options->devices, "Devices of the fleet; may be repeated")
      ->required();
  budget.add_option("--releases", options->releases, "Releases, one gate each")
      ->capture_default_str();
  budget.add_option("--every", options->between, "Time between releases")->capture_default_str();
  budget
      .add_option("--regression", options->regressions,
                  "Rise of bad verdicts that a gate is to find, in points; may be repeated")
      ->capture_default_str();
  budget.add_option("--base", options->base, "Share of bad verdicts without a regression, in %")
      ->capture_default_str();
  budget.add_option("--looks", options->looks, "Looks of a gate, 1 or 2; may be repeated")
      ->capture_default_str();
  budget.add_option("--histograms", options->histograms, "Metrics collected beside the gates")
      ->capture_default_str();
  budget
      .add_option("--arm", options->arm,
                  "Devices in an arm (0: as few as find the regression, at most half the fleet)")
      ->capture_default_str();
  budget.add_option("--seed", options->seed, "Of the draw of arms")->capture_default_str();
}

}  // namespace flotilla::fleetctl
