#include "fleetctl/commands/rollout_spec_flags.h"

#include "base/config/yaml_file.h"

namespace flotilla::fleetctl {

void AddSpecFlags(CLI::App& command, SpecSource& source) {
  SpecOptions& spec = source.spec;
  command.add_option("name", spec.name, "Name of the rollout; LINE-VERSION unless stated");
  command.add_option("-f,--file", source.file, "Manifest instead of the options below");
  command.add_option("--line", spec.line, "Model line")->excludes("--file");
  command.add_option("--version", spec.version, "Version of the release")->excludes("--file");
  command.add_option("--waves", spec.waves,
                     "Devices or shares, wave by wave: 1,3,rest or 1%,10%,rest");
  command.add_option("--gate", spec.gate, "Who opens each wave after the first: auto or manual")
      ->check(CLI::IsMember({"auto", "manual"}));
  command.add_option("--soak", spec.soak, "How long each wave is watched before the next: 6h");
  command.add_option("--trial", spec.trial, "How long each device tries the release: 60s");
  command.add_option("-l,--selector", spec.selector, "Only devices whose labels match");
  command.add_option("--max-in-flight", spec.max_in_flight, "Devices busy at one time");
  command
      .add_option("--window", spec.windows,
                  "\"RRULE DURATION [ZONE [accept|download|activate]]\"; as often as you like")
      ->allow_extra_args(false);
  command.add_option("--priority", spec.priority,
                     "Between rollouts of a line that both speak for a device: the higher one");
  command
      .add_option("--on-overlap", spec.on_overlap,
                  "When another one of the line is active on its devices")
      ->check(CLI::IsMember({"refuse", "replace", "queue"}));
  command.add_option("--rollback", spec.rollback, "What an abort does with confirmed devices")
      ->check(CLI::IsMember({"auto", "none"}));
  command.add_option("--guard", spec.guard,
                     "Private gate: the rise of bad verdicts that it has to find, as 5%");
  command.add_option("--guard-looks", spec.guard_looks, "Windows that it may look at: 1 or 2");
  command.add_flag("--guard-shadow", spec.guard_shadow, "It informs only: nothing waits or pauses");
  command.add_option("--guard-demo-window", spec.guard_demo_window,
                     "A demonstration: windows of 5s to 60s instead of 6h");
}

StatusOr<v1::RolloutSpec> SpecOf(const SpecSource& source) {
  if (source.file.empty()) {
    return SpecFromOptions(source.spec);
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::string text,
      config::ReadConfigText(
          source.file, "write it, or give the rollout as flags (fleetctl rollout create --help)"));
  return SpecFromManifest(text, source.file);
}

}  // namespace flotilla::fleetctl
