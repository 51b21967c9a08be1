// flotilla-controller backup, and restore.
#ifndef FLOTILLA_CONTROLLER_CLI_BACKUP_COMMANDS_H_
#define FLOTILLA_CONTROLLER_CLI_BACKUP_COMMANDS_H_

#include <string>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "controller/app/app_options.h"

namespace flotilla::controller {

struct BackupCommandWorld {
  DurableFs& fs;
  const Clock& clock;
  Random& random;
};

// The two commands with their options. Outlives the parsing and the run.
class BackupCommands {
 public:
  // `config` takes the path of the configuration file.
  BackupCommands(CLI::App& cli, std::string& config);

  // Whether one of them was given.
  bool parsed() const { return backup_->parsed() || restore_->parsed(); }
  // Carries it out, with its progress on standard error and what came of it on standard output.
  Status Run(const AppOptions& options, const BackupCommandWorld& world) const;

 private:
  Status Backup(const AppOptions& options, const BackupCommandWorld& world) const;
  Status Restore(const AppOptions& options, const BackupCommandWorld& world) const;

  CLI::App* backup_;
  CLI::App* restore_;
  std::string to_;
  bool with_secrets_ = false;
  bool without_artifacts_ = false;
  std::string from_;
  std::string keys_;
  std::string artifacts_;
  std::string readmit_ = "30d";
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_CLI_BACKUP_COMMANDS_H_
