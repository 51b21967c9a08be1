#ifndef FLOTILLA_CONTROLLER_BACKUP_BACKUP_H_
#define FLOTILLA_CONTROLLER_BACKUP_BACKUP_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "controller/backup/backup_manifest.h"
#include "controller/backup/file_transfer.h"
#include "controller/bootstrap/state_layout.h"

namespace flotilla::controller {

enum class BackupArtifacts {
  kUnspecified,
  kIncluded,
  // The manifest names them by digest; they are to be had elsewhere at a restore.
  kElsewhere,
};

struct BackupOptions {
  StateLayout layout;
  // The fleet's database; empty: SQLite in the state folder.
  std::string store;
  // The configuration as it is in force; it names no secret.
  std::string config_yaml;
  // The folder that is made; its parent is there.
  std::filesystem::path to;
  BackupSecrets secrets = BackupSecrets::kLeftOut;
  BackupArtifacts artifacts = BackupArtifacts::kIncluded;
};

struct BackupWorld {
  DurableFs& fs;
  const Clock& clock;
  Random& random;
  TransferProgress progress;
};

// Takes a backup beside a running controller, or of one that stands still.
//
//   MANIFEST            what there is, of when, with digests; written last
//   fleet.db            the whole database, as of one moment, as SQLite whatever the fleet's own is
//   repo/metadata/      what devices are served, snapshot and timestamp included
//   repo/blobs/         artifacts: hard links where the file system allows it, else copies
//   ca/ online-keys/    certificates and public keys; with secrets: private keys, tls/, operator/
//   too controller.yaml     the configuration in force
//
// Made under another name beside `to` and renamed when all of it is durable. Order: database, then
// metadata, then artifacts, so that whatever one names is in the next. Not in it: private health
// (a second collection of what was collected would spend privacy twice). Blocking.
// Errors: ALREADY_EXISTS: `to` is there; INVALID_ARGUMENT: `to` lies in the state folder; else
// those of CopyFleetStore, DATA_LOSS (an artifact or the repository is damaged) and of the disk.
// Nothing is left behind then.
StatusOr<BackupManifest> TakeBackup(const BackupOptions& options, const BackupWorld& world);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_BACKUP_H_
