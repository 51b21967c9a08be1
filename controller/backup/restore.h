#ifndef FLOTILLA_CONTROLLER_BACKUP_RESTORE_H_
#define FLOTILLA_CONTROLLER_BACKUP_RESTORE_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/backup/backup_manifest.h"
#include "controller/backup/file_transfer.h"
#include "controller/backup/restore_mark.h"
#include "controller/bootstrap/state_layout.h"

namespace flotilla::controller {

struct RestoreOptions {
  // A folder that TakeBackup made.
  std::filesystem::path from;
  // The state folder; missing, or empty.
  StateLayout layout;
  // The fleet's database; empty: SQLite in the state folder.
  std::string store;
  // Where keys lie that the backup leaves out: a folder with ca/, online-keys/, ... as in a state
  // folder. May be empty.
  std::filesystem::path keys;
  // Where artifacts lie that the backup leaves out, by digest. May be empty.
  std::filesystem::path artifacts;
  // The key of the CA lies elsewhere than in the state folder, by the configuration.
  bool ca_key_elsewhere = false;
  // For so long devices that enrolled or renewed after the backup are let in by their certificate;
  // zero: they enrol again.
  Duration readmit = absl::Hours(24 * 30);
};

struct RestoreWorld {
  DurableFs& fs;
  const Clock& clock;
  TransferProgress progress;
};

struct RestoreReport {
  BackupManifest manifest;
  RestoreMark mark;
  std::size_t devices = 0;
  std::vector<std::string> paused_rollouts;
  // Below the state folder: put them there before the controller starts.
  std::vector<std::string> missing_keys;
  // Artifacts that nobody has given: upload them again, or put them there.
  std::vector<std::string> missing_artifacts;
};

// The manifest of a backup, after every file that it names was read and found to be as it says.
// DATA_LOSS: the backup is torn or a byte of it has changed; NOT_FOUND: there is no backup.
// Blocking.
StatusOr<BackupManifest> CheckBackup(const std::filesystem::path& folder,
                                     const TransferProgress& progress);

// Makes a state folder, and the fleet's database, out of a backup, and marks it as restored. No
// controller uses either. The backup is not changed. A database of an older schema is brought up to
// date on the way.
// Errors: those of CheckBackup; FAILED_PRECONDITION: the state folder is not empty, the database
// has a fleet, or the backup is of a newer schema (STORAGE_SCHEMA); INVALID_ARGUMENT: the clock is
// before the backup; else of the disk and the database. After an error the state folder is empty
// again; should the process die, a controller refuses the folder, and so does a second restore.
StatusOr<RestoreReport> Restore(const RestoreOptions& options, const RestoreWorld& world);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_RESTORE_H_
