#include "fleetctl/commands/health_commands.h"

#include <memory>
#include <string>

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/health/health_text.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/health.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

struct AskOptions {
  std::string metric;
  std::string line;
  std::string release;
  std::string arm = "fleet";
  bool demo = false;
  std::string window;
};

StatusOr<v1::HealthArm> ArmOf(const std::string& name) {
  if (name == "fleet") {
    return v1::HEALTH_ARM_FLEET;
  }
  if (name == "canary") {
    return v1::HEALTH_ARM_CANARY;
  }
  if (name == "control") {
    return v1::HEALTH_ARM_CONTROL;
  }
  return InvalidArgument("--arm: '" + name + "' is none of fleet, canary, control");
}

StatusOr<int> Show(Cli& cli, const v1::ListHealthRequest& request) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListHealthResponse response,
      (Call<v1::HealthService>(cli, &v1::HealthService::Stub::ListHealth, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
  } else {
    cli.out() << HealthListText(response);
  }
  return kExitOk;
}

StatusOr<int> Ask(Cli& cli, const AskOptions& options) {
  v1::CreateHealthTaskRequest request;
  request.set_metric(options.metric);
  request.set_line(options.line);
  request.set_release(options.release);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::HealthArm arm, ArmOf(options.arm));
  request.set_arm(arm);
  request.set_demo(options.demo);
  if (!options.window.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration window, ParseDurationText(options.window));
    request.mutable_demo_window()->set_seconds(absl::ToInt64Seconds(window));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::CreateHealthTaskResponse response,
      (Call<v1::HealthService>(cli, &v1::HealthService::Stub::CreateHealthTask, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response.task());
  } else {
    cli.out() << AskedText(response.task());
  }
  return kExitOk;
}

void AddShow(Cli& cli, CLI::App& group) {
  const auto metric = std::make_shared<std::string>();
  const auto line = std::make_shared<std::string>();
  const auto task = std::make_shared<std::string>();
  CLI::App& show = cli.AddCommand(
      group, "show",
      "Show histograms of cohorts, newest first: counts with their interval, epsilon, delta, the\n"
      "minimum, and whether the two aggregators are independent",
      "fleetctl health show\n  fleetctl health show --metric ttft_p95_ms --line pump -o json",
      [metric, line, task](Cli& run) {
        v1::ListHealthRequest wanted;
        wanted.set_metric(*metric);
        wanted.set_line(*line);
        wanted.set_task_id(*task);
        return Show(run, wanted);
      });
  show.add_option("--metric", *metric, "Of this metric alone");
  show.add_option("--line", *line, "Of this model line alone");
  show.add_option("--task", *task, "Of the task whose id begins so");
}

void AddAsk(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<AskOptions>();
  CLI::App& ask = cli.AddCommand(
      group, "ask",
      "Ask the devices on a release for one metric. The size of the cohort decides how often it "
      "is\n"
      "collected and with which noise; a cohort that is too small is refused, with the reason",
      "fleetctl health ask gate_verdict --line pump --release 2.0.0 --arm canary\n"
      "  fleetctl health ask ttft_p95_ms --line pump --demo --window 10s",
      [options](Cli& run) { return Ask(run, *options); });
  ask.add_option("metric", options->metric, "Name of the metric (docs/metrics.md)")->required();
  ask.add_option("--line", options->line, "Model line")->required();
  ask.add_option("--release", options->release, "Version; unless given, the line's baseline");
  ask.add_option("--arm", options->arm, "fleet, canary or control")->capture_default_str();
  ask.add_flag("--demo", options->demo,
               "A demonstration: windows of seconds, all devices, refused by a helper that does "
               "not allow it");
  ask.add_option("--window", options->window, "Of a demonstration: 5s to 60s; unless given, 10s");
}

}  // namespace

void AddHealthCommands(Cli& cli) {
  CLI::App& group =
      cli.AddGroup(cli.app(), "health", "Private health: sums over cohorts, never a device");
  AddShow(cli, group);
  AddAsk(cli, group);
}

}  // namespace flotilla::fleetctl
