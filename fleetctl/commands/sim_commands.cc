#include "fleetctl/commands/sim_commands.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/sim/sim_flags.h"

namespace flotilla::fleetctl {
namespace {

using rollout::SimEnd;
using rollout::SimSummary;

constexpr std::uint32_t kProgressSteps = 20;
constexpr double kPoints = 100;

struct Answer {
  SimRow row;
  std::string calibration;
  SimSummary summary;
};

std::string Percent(double share) {
  return absl::StrFormat("%.1f", share);
}

// On a terminal a line that is written over, else one JSON object a step.
SimProgress ProgressOf(Cli& cli, const SimRow& row, std::size_t index, std::size_t rows) {
  const std::uint32_t step = std::max(1U, row.batch.runs / kProgressSteps);
  return [&cli, row, index, rows, step](std::uint32_t done) {
    if (done % step != 0 && done != row.batch.runs) {
      return;
    }
    if (cli.surroundings().terminal) {
      cli.err() << absl::StreamFormat("\rsim: %d devices, %s: %d of %d runs (%d of %d)   %s",
                                      row.batch.model.devices, row.rate, done, row.batch.runs,
                                      index + 1, rows, done == row.batch.runs ? "\r" : "")
                << std::flush;
    } else {
      boost::json::object line;
      line["event"] = "sim.progress";
      line["devices"] = row.batch.model.devices;
      line["rate"] = row.rate;
      line["done"] = done;
      line["runs"] = row.batch.runs;
      cli.err() << boost::json::serialize(line) << "\n";
    }
  };
}

StatusOr<Answer> AnswerOf(Cli& cli, SimRow row, bool calibrate, std::size_t index,
                          std::size_t rows) {
  Answer answer;
  if (calibrate) {
    FLOTILLA_ASSIGN_OR_RETURN(const rollout::Calibration learnt, CalibrateBatch(row.batch));
    v1::JudgePolicy& judge = *row.batch.spec.mutable_strategy()->mutable_judge();
    judge.set_p0(learnt.p0);
    judge.set_p1(learnt.p1);
    answer.calibration =
        absl::StrFormat("%d devices: p0 %.2f %%, p1 %.2f %%: %s", row.batch.model.devices,
                        kPoints * learnt.p0, kPoints * learnt.p1, learnt.why);
  }
  FLOTILLA_ASSIGN_OR_RETURN(answer.summary, RunBatch(row.batch, ProgressOf(cli, row, index, rows)));
  answer.row = std::move(row);
  return answer;
}

void PrintTable(Cli& cli, const std::vector<Answer>& answers) {
  Table table({"DEVICES", "RATE", "RUNS", "COMPLETED %", "PAUSED %", "ABORTED %", "UNFINISHED %",
               "EXPOSED MEAN", "P95", "HOURS MEAN", "P95"});
  for (const Answer& answer : answers) {
    const SimSummary& summary = answer.summary;
    table.Add(
        {absl::StrCat(answer.row.batch.model.devices), answer.row.rate, absl::StrCat(summary.runs),
         Percent(summary.Share(SimEnd::kCompleted)), Percent(summary.Share(SimEnd::kPaused)),
         Percent(summary.Share(SimEnd::kAborted)), Percent(summary.Share(SimEnd::kUnfinished)),
         absl::StrFormat("%.0f", summary.exposed.mean),
         absl::StrFormat("%.0f", summary.exposed.p95), absl::StrFormat("%.1f", summary.took.mean),
         absl::StrFormat("%.1f", summary.took.p95)});
  }
  table.Print(cli.out());
  for (const Answer& answer : answers) {
    if (!answer.calibration.empty()) {
      cli.out() << "calibrated for " << answer.calibration << "\n";
    }
    std::string causes;
    for (const auto& [cause, count] : answer.summary.causes) {
      absl::StrAppend(&causes, causes.empty() ? "" : "; ", count, " x ", cause);
    }
    cli.out() << answer.row.batch.model.devices << " devices, " << answer.row.rate << ": " << causes
              << "\n";
  }
}

void PrintJsonLines(Cli& cli, const std::vector<Answer>& answers) {
  for (const Answer& answer : answers) {
    const SimSummary& summary = answer.summary;
    boost::json::object causes;
    for (const auto& [cause, count] : summary.causes) {
      causes[cause] = count;
    }
    const v1::JudgePolicy& judge = answer.row.batch.spec.strategy().judge();
    boost::json::object line;
    line["devices"] = answer.row.batch.model.devices;
    line["rate"] = answer.row.batch.model.release_failures;
    line["runs"] = summary.runs;
    line["seed"] = answer.row.batch.seed;
    // Absent: the judge's defaults.
    if (judge.p0() > 0) {
      line["p0"] = judge.p0();
    }
    if (judge.p1() > 0) {
      line["p1"] = judge.p1();
    }
    line["completed_percent"] = summary.Share(SimEnd::kCompleted);
    line["paused_percent"] = summary.Share(SimEnd::kPaused);
    line["aborted_percent"] = summary.Share(SimEnd::kAborted);
    line["unfinished_percent"] = summary.Share(SimEnd::kUnfinished);
    line["exposed_mean"] = summary.exposed.mean;
    line["exposed_p95"] = summary.exposed.p95;
    line["hours_mean"] = summary.took.mean;
    line["hours_p95"] = summary.took.p95;
    line["reports"] = summary.reports;
    line["causes"] = causes;
    cli.out() << boost::json::serialize(line) << "\n";
  }
}

StatusOr<int> RunSim(Cli& cli, SimFlags flags) {
  if (flags.jobs == 0) {
    flags.jobs = std::max(1U, std::thread::hardware_concurrency());
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<SimRow> rows, RowsOf(flags));
  std::vector<Answer> answers;
  for (SimRow& row : rows) {
    FLOTILLA_ASSIGN_OR_RETURN(
        Answer answer, AnswerOf(cli, std::move(row), flags.calibrate, answers.size(), rows.size()));
    answers.push_back(std::move(answer));
  }
  if (cli.form() == OutputForm::kJson) {
    PrintJsonLines(cli, answers);
  } else {
    PrintTable(cli, answers);
  }
  return kExitOk;
}

void AddPolicyFlags(CLI::App& run, SimFlags& flags) {
  run.add_option("-f,--file", flags.file,
                 "Rollout to try (flotilla/v1); its selectors are not looked at");
  run.add_option("--waves", flags.waves, "Instead: 1,5,rest or 1%,10%,rest");
  run.add_option("--in-flight", flags.in_flight,
                 "Devices in flight; 0: 50, or 0.5 % of a larger fleet");
  run.add_option("--soak", flags.soak, "Soak of each wave")->capture_default_str();
  run.add_option("--p0", flags.p0, "Failure share of a good release: 1%");
  run.add_option("--p1", flags.p1, "Failure share of a bad release: 5%");
  run.add_option("--alpha", flags.alpha, "Good releases that may be aborted, by wave: 1%");
  run.add_option("--beta", flags.beta, "Bad releases that may pass, by wave: 5%");
  run.add_flag("--calibrate", flags.calibrate,
               "Learn p0 and p1 from an A/A rollout of this fleet first");
}

void AddFleetFlags(CLI::App& run, SimFlags& flags) {
  run.add_option("--sites", flags.sites, "Sites; 0: no device names one")->capture_default_str();
  run.add_option("--offline", flags.offline, "Share of devices that are offline at any moment")
      ->capture_default_str();
  run.add_option("--away", flags.away, "How long a device is offline, on average")
      ->capture_default_str();
  run.add_option("--background", flags.background, "Failures that any release meets here")
      ->capture_default_str();
  run.add_option("--background-by-site", flags.by_site,
                 "Share of them in episodes of an hour at one site, in which half of all fail")
      ->capture_default_str();
  run.add_option("--delivery", flags.delivery, "Attempts whose artifact does not arrive")
      ->capture_default_str();
  run.add_option("--bad-class", flags.bad_class, "Share of devices of a bad hardware class")
      ->capture_default_str();
  run.add_option("--bad-class-rate", flags.bad_class_rate, "True failures of that class")
      ->capture_default_str();
  run.add_option("--late", flags.late, "Share of failures that show only after confirm")
      ->capture_default_str();
  run.add_option("--download", flags.download, "Median time to fetch the release")
      ->capture_default_str();
  run.add_option("--slow", flags.slow, "Share of links that take 20 times as long")
      ->capture_default_str();
  run.add_option("--trial", flags.trial, "From activation to confirm")->capture_default_str();
  run.add_option("--outage", flags.outages,
                 "network@2h+1h, source@1h+30m, 3sites@2h+1h; may be repeated");
}

}  // namespace

void AddSimCommands(Cli& cli) {
  const auto flags = std::make_shared<SimFlags>();
  CLI::App& group = cli.AddGroup(cli.app(), "sim", "Try a rollout on a modelled fleet");
  CLI::App& run = cli.AddCommand(
      group, "run",
      "Run a rollout many times on a modelled fleet and a virtual clock, with the controller's "
      "own\n"
      "planner and judge: how often it completes, pauses and aborts, how many devices take up the\n"
      "release before that, how long it takes, and why. Needs no controller. The same answer for\n"
      "the same --seed.",
      "fleetctl sim run --devices 10000 --rate 0.2% --rate 1% --rate 5% --rate 30%\n"
      "  fleetctl sim run -f rollout.yaml --devices 2000 --rate 3% --offline 20% --runs 500\n"
      "  fleetctl sim run --rate 0 --background 3% --calibrate",
      [flags](Cli& at) { return RunSim(at, *flags); });
  run.add_option("--devices", flags->devices, "Devices, 1 to 100000; may be repeated")
      ->capture_default_str();
  run.add_option("--rate", flags->rates, "True failures of the release; may be repeated")
      ->capture_default_str();
  run.add_option("--runs", flags->runs, "Runs of each row")->capture_default_str();
  run.add_option("--seed", flags->seed, "Of all draws")->capture_default_str();
  run.add_option("--jobs", flags->jobs, "Threads; 0: as many as there are processors");
  AddPolicyFlags(run, *flags);
  AddFleetFlags(run, *flags);
}

}  // namespace flotilla::fleetctl
