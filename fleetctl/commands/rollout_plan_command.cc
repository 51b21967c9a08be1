#include "fleetctl/commands/rollout_plan_command.h"

#include <memory>
#include <ostream>

#include "base/os_clock.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wave_schedule.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/rollout_spec_flags.h"
#include "fleetctl/rollout/rollout_text.h"

namespace flotilla::fleetctl {
namespace {

StatusOr<int> Plan(Cli& cli, const SpecSource& source) {
  v1::Rollout rollout;
  FLOTILLA_ASSIGN_OR_RETURN(*rollout.mutable_spec(), SpecOf(source));
  for (const v1::WaveSpec& wave : rollout::WavesOf(rollout.spec())) {
    *rollout.add_waves()->mutable_spec() = wave;
  }
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), rollout);
    return kExitOk;
  }
  const Time now = OsClock().Now();
  PlanTable(rollout, now).Print(cli.out());
  for (const std::string& line : rollout::WindowLines(rollout.spec())) {
    cli.out() << "window " << line << "\n";
  }
  cli.out() << "As if nothing but windows, trials and soaks took time; windows in the devices' own "
               "zones are shown for UTC.\n";
  return kExitOk;
}

}  // namespace

void AddRolloutPlanCommand(Cli& cli, CLI::App& group) {
  const auto source = std::make_shared<SpecSource>();
  CLI::App& command = cli.AddCommand(
      group, "plan", "Show the waves of a rollout and when each could start; nothing is written",
      "fleetctl rollout plan -f rollout.yaml\n  fleetctl rollout plan --line pump-assistant "
      "--version 2.0.0 --waves 1%,rest --window 'FREQ=DAILY;BYHOUR=1 4h Europe/Vienna'",
      [source](Cli& run) { return Plan(run, *source); });
  AddSpecFlags(command, *source);
}

}  // namespace flotilla::fleetctl
