#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_SPEC_FLAGS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_SPEC_FLAGS_H_

#include <string>

#include <CLI/CLI.hpp>
#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"
#include "fleetctl/rollout/spec_options.h"

namespace flotilla::fleetctl {

// A rollout as the command line gives it: by flags, or by a manifest's file.
struct SpecSource {
  SpecOptions spec;
  std::string file;
};

// The flags; `source` outlives the command.
void AddSpecFlags(CLI::App& command, SpecSource& source);
// The specification. Errors: as SpecFromOptions, SpecFromManifest; NOT_FOUND: the file.
StatusOr<v1::RolloutSpec> SpecOf(const SpecSource& source);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_SPEC_FLAGS_H_
