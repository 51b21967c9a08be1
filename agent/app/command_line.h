#ifndef FLOTILLA_AGENT_APP_COMMAND_LINE_H_
#define FLOTILLA_AGENT_APP_COMMAND_LINE_H_

#include <string>

#include "flotilla/config/v1/agent.pb.h"

#include "agent/app/process_runs.h"
#include "base/status.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;
}  // namespace CLI

namespace flotilla::agent {

// What every subcommand that needs a configuration was given.
struct CommandLine {
  std::string config_file;
  config::v1::AgentConfig flags;
  bool anew = false;  // `enroll` alone: whatever the device was before
};

// Adds --config and a flag for each field to `command`; parsing fills `line`, which must live until
// then.
void AddConfigOptions(CLI::App& command, CommandLine& line);

// Adds show (which is what happens without any), key and ledger to `privacy`; parsing sets `view`,
// which must live until then.
void AddPrivacyViews(CLI::App& privacy, PrivacyView& view);

// The file, the flags over it, defaults for the rest; starts the log at the level that they name.
// INVALID_ARGUMENT names the field or the place in the file; errors of the file say what to do.
StatusOr<config::v1::AgentConfig> Configure(const CommandLine& line);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_COMMAND_LINE_H_
