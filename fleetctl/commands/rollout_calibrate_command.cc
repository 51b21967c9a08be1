#include "fleetctl/commands/rollout_calibrate_command.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "flotilla/v1/rollout.grpc.pb.h"

#include "absl/strings/str_format.h"
#include "controller/rollout/calibration.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"

namespace flotilla::fleetctl {
namespace {

using v1::RolloutService;

constexpr double kPercent = 100;

struct CalibrateOptions {
  std::vector<std::string> names;
  std::string line;
  std::uint32_t last = 5;
};

// The named ones, whatever became of them; else the newest of the line that completed.
StatusOr<std::vector<v1::Rollout>> Chosen(const v1::ListRolloutsResponse& all,
                                          const CalibrateOptions& options) {
  std::vector<v1::Rollout> chosen;
  for (const v1::Rollout& rollout : all.rollouts()) {
    const bool named =
        std::find(options.names.begin(), options.names.end(), rollout.id()) != options.names.end();
    const bool good = options.names.empty() && rollout.state() == v1::ROLLOUT_STATE_COMPLETED &&
                      (options.line.empty() || rollout.spec().line() == options.line) &&
                      chosen.size() < options.last;
    if (named || good) {
      chosen.push_back(rollout);
    }
  }
  if (chosen.size() < options.names.size()) {
    return NotFound("not all of these rollouts exist: fleetctl rollout list");
  }
  if (chosen.empty()) {
    return NotFound(
        "no rollout has completed yet: run one of the release that is out already (an "
        "A/A rollout) and name it");
  }
  return chosen;
}

StatusOr<int> CalibrateRollouts(Cli& cli, const CalibrateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListRolloutsResponse all,
      (Call<RolloutService>(cli, &RolloutService::Stub::ListRollouts, v1::ListRolloutsRequest())));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<v1::Rollout> chosen, Chosen(all, options));
  FLOTILLA_ASSIGN_OR_RETURN(const rollout::Calibration learnt, rollout::Calibrate(chosen));
  if (cli.form() == OutputForm::kJson) {
    boost::json::array names;
    for (const v1::Rollout& rollout : chosen) {
      names.emplace_back(rollout.id());
    }
    boost::json::object line;
    line["p0"] = learnt.p0;
    line["p1"] = learnt.p1;
    line["devices"] = learnt.devices;
    line["failures"] = learnt.failures;
    line["rollouts"] = names;
    line["why"] = learnt.why;
    cli.out() << boost::json::serialize(line) << "\n";
    return kExitOk;
  }
  for (const v1::Rollout& rollout : chosen) {
    cli.out() << "learnt from " << rollout.id() << "\n";
  }
  cli.out() << absl::StreamFormat("%s\nin the next rollout: judge: {p0: %.2f%%, p1: %.2f%%}\n",
                                  learnt.why, kPercent * learnt.p0, kPercent * learnt.p1);
  return kExitOk;
}

}  // namespace

void AddRolloutCalibrateCommand(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<CalibrateOptions>();
  CLI::App& command = cli.AddCommand(
      group, "calibrate",
      "Learn the judge's p0 and p1 from rollouts of good releases: those named (an A/A rollout of\n"
      "the release that is out already), or the last that completed. Changes nothing.",
      "fleetctl rollout calibrate --line pump-assistant\n"
      "  fleetctl rollout calibrate pump-assistant-2.0.0-again",
      [options](Cli& run) { return CalibrateRollouts(run, *options); });
  command.add_option("rollout", options->names, "Rollouts to learn from");
  command.add_option("--line", options->line, "Only rollouts of this line");
  command.add_option("--last", options->last, "How many of the last")->capture_default_str();
}

}  // namespace flotilla::fleetctl
