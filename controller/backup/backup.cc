#include "controller/backup/backup.h"

#include <array>
#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/version.h"
#include "controller/backup/state_files.h"
#include "controller/release/metadata_folder.h"
#include "controller/storage/fleet_copy.h"
#include "security/sha256.h"
#include "security/tuf/repository.h"

namespace flotilla::controller {
namespace {

constexpr unsigned kPublic = 0644;
constexpr unsigned kPrivate = 0600;
constexpr std::size_t kIdBytes = 8;
constexpr char kDatabase[] = "fleet.db";
constexpr char kConfig[] = "controller.yaml";

std::string NewId(Random& random) {
  std::array<std::uint8_t, kIdBytes> bytes{};
  random.Fill(bytes);
  return HexEncode(bytes);
}

bool IsThere(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::symlink_status(path, error).type() !=
         std::filesystem::file_type::not_found;
}

bool IsBelow(const std::filesystem::path& path, const std::filesystem::path& folder) {
  std::error_code error;
  const auto inner = std::filesystem::weakly_canonical(path, error);
  const auto outer = std::filesystem::weakly_canonical(folder, error);
  const std::string relative = inner.lexically_relative(outer).string();
  return !relative.empty() && relative != ".." && !relative.starts_with("../");
}

std::uint64_t VersionIn(const tuf::RepositoryFiles& files, const std::string& role) {
  std::int64_t version = 0;
  for (const auto& [name, bytes] : files) {
    const auto parsed = tuf::ParseMetadataName(name);
    const auto draft = parsed.ok() && parsed->role == role ? tuf::Draft::Load(bytes)
                                                           : StatusOr<tuf::Draft>(NotFound(role));
    if (draft.ok() && draft->version() > version) {
      version = draft->version();
    }
  }
  return static_cast<std::uint64_t>(version);
}

// One run. Everything goes into `work_`, whose paths are those of the manifest.
class Backup {
 public:
  Backup(const BackupOptions& options, const BackupWorld& world)
      : options_(options), world_(world) {
    manifest_.id = NewId(world.random);
    manifest_.program = kVersion;
    manifest_.secrets = options.secrets;
    work_ = options.to;
    work_ += absl::StrCat(".partial-", manifest_.id);
  }

  StatusOr<BackupManifest> Run() {
    FLOTILLA_RETURN_IF_ERROR(CheckTarget());
    const Status made = Make();
    if (!made.ok()) {
      std::error_code ignored;
      std::filesystem::remove_all(work_, ignored);
      return made;
    }
    return std::move(manifest_);
  }

 private:
  Status CheckTarget() const {
    if (IsThere(options_.to)) {
      return AlreadyExists(
          absl::StrCat(options_.to.string(), " is there: a backup never replaces what is there"));
    }
    if (IsBelow(options_.to, options_.layout.state_dir)) {
      return InvalidArgument("a backup in the state folder is lost together with it");
    }
    return OkStatus();
  }

  Status Make() {
    FLOTILLA_RETURN_IF_ERROR(world_.fs.MakeDir(work_));
    FLOTILLA_RETURN_IF_ERROR(Database());
    FLOTILLA_RETURN_IF_ERROR(Metadata());
    FLOTILLA_RETURN_IF_ERROR(Artifacts());
    FLOTILLA_RETURN_IF_ERROR(StateFiles());
    FLOTILLA_RETURN_IF_ERROR(Put(kConfig, AsBytes(options_.config_yaml)));
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(world_.fs, work_ / kManifestName,
                                          AsBytes(EncodeManifest(manifest_)), kPrivate));
    FLOTILLA_RETURN_IF_ERROR(SyncTree(world_.fs, work_));
    if (IsThere(options_.to)) {
      return AlreadyExists(absl::StrCat(options_.to.string(), " was made meanwhile"));
    }
    FLOTILLA_RETURN_IF_ERROR(world_.fs.Rename(work_, options_.to));
    return world_.fs.SyncDir(options_.to.parent_path());
  }

  Status Folder(const std::string& path) { return DurableMakeDirs(world_.fs, work_ / path); }

  void Note(const std::string& path, BackupFile file) {
    file.path = path;
    manifest_.files.push_back(std::move(file));
  }

  Status Put(const std::string& path, ByteView bytes) {
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(world_.fs, work_ / path, bytes, kPublic));
    Note(path, BackupFile{{}, bytes.size(), security::Sha256(bytes)});
    return OkStatus();
  }

  Status Database() {
    manifest_.taken_at = world_.clock.Now();
    const auto progress = [this](const std::string& table, std::uint64_t rows) {
      world_.progress({absl::StrCat("rows of ", table), rows, 0});
    };
    FLOTILLA_ASSIGN_OR_RETURN(const FleetCopyReport copied,
                              CopyFleetStore({options_.store, options_.layout.database()},
                                             {{}, work_ / kDatabase}, progress));
    manifest_.schema = static_cast<std::uint64_t>(copied.schema);
    manifest_.devices = copied.devices;
    manifest_.audit_seq = copied.audit_seq;
    FLOTILLA_ASSIGN_OR_RETURN(BackupFile file, DescribeFile(work_ / kDatabase));
    Note(kDatabase, std::move(file));
    return OkStatus();
  }

  Status Metadata() {
    FLOTILLA_ASSIGN_OR_RETURN(const tuf::RepositoryFiles files,
                              LoadMetadata(options_.layout.repository() / "metadata"));
    FLOTILLA_RETURN_IF_ERROR(Folder("repo/metadata"));
    for (const auto& [name, bytes] : files) {
      FLOTILLA_RETURN_IF_ERROR(Put(absl::StrCat("repo/metadata/", name), bytes));
    }
    manifest_.snapshot_version = VersionIn(files, "snapshot");
    manifest_.timestamp_version = VersionIn(files, "timestamp");
    return OkStatus();
  }

  Status Artifacts() {
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                              ListBlobs(options_.layout.blobs()));
    FLOTILLA_RETURN_IF_ERROR(Folder("repo/blobs"));
    for (std::size_t i = 0; i < names.size(); ++i) {
      FLOTILLA_RETURN_IF_ERROR(Artifact(names[i]));
      world_.progress({"artifacts", i + 1, names.size()});
    }
    return OkStatus();
  }

  Status Artifact(const std::string& name) {
    const std::string path = absl::StrCat("repo/blobs/", name);
    const std::filesystem::path blob = options_.layout.blobs() / name;
    FLOTILLA_ASSIGN_OR_RETURN(const Digest digest, Digest::FromHex(name));
    if (options_.artifacts == BackupArtifacts::kElsewhere) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t size, FileSize(blob));
      manifest_.elsewhere.push_back({path, size, digest});
      return OkStatus();
    }
    FLOTILLA_ASSIGN_OR_RETURN(BackupFile file, LinkOrCopyTo(world_.fs, blob, work_ / path, digest));
    Note(path, std::move(file));
    return OkStatus();
  }

  // Certificates of listeners and operators are of no use without their keys, and made again.
  bool Wanted(const StateFile& file) const {
    if (options_.secrets == BackupSecrets::kIncluded) {
      return true;
    }
    return file.secrecy == StateSecrecy::kPublic &&
           (file.path.starts_with("ca/") || file.path.starts_with("online-keys/"));
  }

  Status StateFiles() {
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<StateFile> files,
                              ListStateFiles(options_.layout.state_dir));
    for (const StateFile& file : files) {
      if (!Wanted(file)) {
        continue;
      }
      const std::filesystem::path to = work_ / file.path;
      FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(world_.fs, to.parent_path()));
      FLOTILLA_ASSIGN_OR_RETURN(
          BackupFile copied,
          CopyFileTo(world_.fs, options_.layout.state_dir / file.path, to,
                     file.secrecy == StateSecrecy::kPublic ? kPublic : kPrivate));
      Note(file.path, std::move(copied));
    }
    return OkStatus();
  }

  const BackupOptions& options_;
  const BackupWorld& world_;
  std::filesystem::path work_;
  BackupManifest manifest_;
};

}  // namespace

StatusOr<BackupManifest> TakeBackup(const BackupOptions& options, const BackupWorld& world) {
  return Backup(options, world).Run();
}

}  // namespace flotilla::controller
