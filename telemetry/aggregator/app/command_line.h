#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_APP_COMMAND_LINE_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_APP_COMMAND_LINE_H_

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;
}  // namespace CLI

namespace flotilla::telemetry {

enum class Action {
  kUnspecified = 0,
  kInit,
  kIdentity,
  kLeader,
  kDeviceAdd,
  kDeviceList,
  kDeviceRemove,
  kRun,
  kVersion,
};

// What a person asked for.
struct CommandLine {
  Action action = Action::kUnspecified;
  std::string config_file;
  std::string out_folder;              // kLeader
  std::vector<std::string> key_files;  // kDeviceAdd; "-" is standard input
  std::string label;                   // kDeviceAdd
  std::string device;                  // kDeviceRemove
};

// Adds every subcommand with its help to `app`; parsing fills `line`, which must live until then.
void AddCommands(CLI::App& app, CommandLine& line);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_APP_COMMAND_LINE_H_
