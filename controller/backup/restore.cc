#include "controller/backup/restore.h"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "controller/backup/restore_change.h"
#include "controller/backup/state_files.h"
#include "controller/storage/fleet_copy.h"
#include "controller/storage/open_fleet_store.h"

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kMaxManifestBytes = 256U << 20U;
constexpr unsigned kPublic = 0644;
constexpr unsigned kPrivate = 0600;
constexpr char kDatabase[] = "fleet.db";
constexpr std::string_view kBlobs = "repo/blobs/";
constexpr std::string_view kConfig = "controller.yaml";

bool IsThere(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

bool IsPublic(const std::string& path) {
  return path.ends_with(".crt") || path.ends_with(".pub") || path.starts_with("repo/");
}

StatusOr<BackupManifest> ReadManifest(const std::filesystem::path& folder) {
  const auto bytes = ReadFile(folder / kManifestName, kMaxManifestBytes);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return NotFound(
        absl::StrCat(folder.string(), " is no backup: it has no MANIFEST, which is written last"));
  }
  FLOTILLA_RETURN_IF_ERROR(bytes.status());
  return ParseManifest(AsText(*bytes));
}

Status CheckFile(const std::filesystem::path& folder, const BackupFile& file) {
  const auto found = DescribeFile(folder / file.path);
  if (!found.ok()) {
    return DataLoss(absl::StrCat("the backup is torn: ", MessageOf(found.status())));
  }
  if (found->size_bytes != file.size_bytes || found->sha256 != file.sha256) {
    return DataLoss(
        absl::StrCat("the backup is damaged: ", file.path, " is not what the manifest says"));
  }
  return OkStatus();
}

// One run, into an empty state folder.
class Restoration {
 public:
  Restoration(const RestoreOptions& options, const RestoreWorld& world)
      : options_(options), world_(world), state_dir_(options.layout.state_dir) {}

  StatusOr<RestoreReport> Run() {
    FLOTILLA_ASSIGN_OR_RETURN(report_.manifest, CheckBackup(options_.from, world_.progress));
    FLOTILLA_RETURN_IF_ERROR(CheckEmpty());
    FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(world_.fs, state_dir_));
    const Status made = Make();
    if (!made.ok()) {
      Empty();
      return made;
    }
    return std::move(report_);
  }

 private:
  Status CheckEmpty() const {
    std::error_code error;
    if (!IsThere(state_dir_) || std::filesystem::is_empty(state_dir_, error)) {
      return OkStatus();
    }
    return FailedPrecondition(absl::StrCat(
        state_dir_.string(), " is not empty: a restore goes into an empty state folder alone"));
  }

  // What was made of the folder's content, the folder itself stays.
  void Empty() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(state_dir_, ignored)) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
  }

  Status Make() {
    FLOTILLA_RETURN_IF_ERROR(BeginRestoreMark(world_.fs, state_dir_));
    FLOTILLA_RETURN_IF_ERROR(Files());
    FLOTILLA_RETURN_IF_ERROR(ArtifactsFromElsewhere());
    FLOTILLA_RETURN_IF_ERROR(KeysFromElsewhere());
    FLOTILLA_RETURN_IF_ERROR(SyncTree(world_.fs, state_dir_));
    FLOTILLA_RETURN_IF_ERROR(Database());
    FindMissingKeys();
    return FinishRestoreMark(world_.fs, state_dir_, report_.mark);
  }

  Status FolderOf(const std::filesystem::path& file) {
    return DurableMakeDirs(world_.fs, file.parent_path());
  }

  Status Files() {
    std::uint64_t done = 0;
    for (const BackupFile& file : report_.manifest.files) {
      if (file.path != kConfig) {
        FLOTILLA_RETURN_IF_ERROR(Place(options_.from / file.path, file));
      }
      world_.progress({"files", ++done, report_.manifest.files.size()});
    }
    return OkStatus();
  }

  Status Place(const std::filesystem::path& from, const BackupFile& file) {
    const std::filesystem::path to = state_dir_ / file.path;
    FLOTILLA_RETURN_IF_ERROR(FolderOf(to));
    const auto placed =
        file.path.starts_with(kBlobs)
            ? LinkOrCopyTo(world_.fs, from, to, file.sha256)
            : CopyFileTo(world_.fs, from, to, IsPublic(file.path) ? kPublic : kPrivate);
    FLOTILLA_RETURN_IF_ERROR(placed.status());
    return placed->sha256 == file.sha256
               ? OkStatus()
               : DataLoss(absl::StrCat("the backup changed while it was read: ", file.path));
  }

  Status ArtifactsFromElsewhere() {
    for (const BackupFile& file : report_.manifest.elsewhere) {
      const std::filesystem::path from = options_.artifacts / file.sha256.ToHex();
      if (options_.artifacts.empty() || !IsThere(from)) {
        report_.missing_artifacts.push_back(file.path);
        continue;
      }
      FLOTILLA_RETURN_IF_ERROR(Place(from, file));
    }
    return OkStatus();
  }

  Status KeysFromElsewhere() {
    if (options_.keys.empty()) {
      return OkStatus();
    }
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StateFile> files, ListStateFiles(options_.keys));
    for (const StateFile& file : files) {
      const std::filesystem::path to = state_dir_ / file.path;
      if (IsThere(to)) {
        continue;
      }
      FLOTILLA_RETURN_IF_ERROR(FolderOf(to));
      FLOTILLA_RETURN_IF_ERROR(
          CopyFileTo(world_.fs, options_.keys / file.path, to,
                     file.secrecy == StateSecrecy::kPublic ? kPublic : kPrivate)
              .status());
    }
    return OkStatus();
  }

  // Everything is done to the file; where the fleet's is another database, that gets it whole.
  Status Database() {
    const std::filesystem::path file = state_dir_ / kDatabase;
    FLOTILLA_RETURN_IF_ERROR(Continue(file));
    if (options_.store.empty()) {
      return OkStatus();
    }
    const auto progress = [this](const std::string& table, std::uint64_t rows) {
      world_.progress({absl::StrCat("rows of ", table), rows, 0});
    };
    FLOTILLA_RETURN_IF_ERROR(CopyFleetStore({{}, file}, {options_.store, {}}, progress).status());
    return DurableRemove(world_.fs, file);
  }

  // Brings the tables up to date, and makes of them what a controller goes on from.
  Status Continue(const std::filesystem::path& file) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<FleetStore> store, OpenFleetStore({}, file));
    FLOTILLA_ASSIGN_OR_RETURN(const FleetSnapshot snapshot, store->Load());
    FLOTILLA_ASSIGN_OR_RETURN(report_.mark, MarkRestore(report_.manifest, snapshot,
                                                        world_.clock.Now(), options_.readmit));
    const FleetChange change = RestoreChange(report_.manifest, snapshot, report_.mark);
    report_.devices = snapshot.devices.size();
    for (const v1::Rollout& rollout : change.rollouts) {
      report_.paused_rollouts.push_back(rollout.id());
    }
    return store->Commit(change);
  }

  void FindMissingKeys() {
    const auto want = [this](const std::string& path) {
      if (!IsThere(state_dir_ / path)) {
        report_.missing_keys.push_back(path);
      }
    };
    if (!options_.ca_key_elsewhere) {
      want("ca/ca.key");
    }
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(state_dir_ / "online-keys", error)) {
      if (entry.path().extension() == ".pub") {
        want(absl::StrCat("online-keys/", entry.path().stem().string(), ".key"));
      }
    }
    std::sort(report_.missing_keys.begin(), report_.missing_keys.end());
  }

  const RestoreOptions& options_;
  const RestoreWorld& world_;
  const std::filesystem::path state_dir_;
  RestoreReport report_;
};

}  // namespace

StatusOr<BackupManifest> CheckBackup(const std::filesystem::path& folder,
                                     const TransferProgress& progress) {
  FLOTILLA_ASSIGN_OR_RETURN(BackupManifest manifest, ReadManifest(folder));
  std::uint64_t done = 0;
  for (const BackupFile& file : manifest.files) {
    FLOTILLA_RETURN_IF_ERROR(CheckFile(folder, file));
    progress({"files checked", ++done, manifest.files.size()});
  }
  return manifest;
}

StatusOr<RestoreReport> Restore(const RestoreOptions& options, const RestoreWorld& world) {
  return Restoration(options, world).Run();
}

}  // namespace flotilla::controller
