#include "controller/release/metadata_folder.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata.h"

namespace flotilla::controller {
namespace {

constexpr char kTimestamp[] = "timestamp.json";
constexpr unsigned kPermissions = 0644;

Status Corrupt(const std::string& file, const Status& status) {
  return WithReason(DataLoss("repository: " + file + ": " + MessageOf(status)),
                    v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
}

Status LoadFile(const std::filesystem::path& folder, const std::string& name,
                std::uint64_t max_bytes, tuf::RepositoryFiles& files) {
  auto bytes = ReadFile(folder / name, max_bytes);
  if (!bytes.ok()) {
    return Corrupt(name, bytes.status());
  }
  files[name] = std::move(bytes).value();
  return OkStatus();
}

Status LoadRoots(const std::filesystem::path& folder, tuf::RepositoryFiles& files) {
  for (std::int64_t version = 1;; ++version) {
    const std::string name = tuf::MetadataFileName("root", version);
    if (version > 1 && FileSize(folder / name).status().code() == StatusCode::kNotFound) {
      return OkStatus();
    }
    FLOTILLA_RETURN_IF_ERROR(LoadFile(folder, name, tuf::kMaxRootBytes, files));
  }
}

StatusOr<std::string> SnapshotNamedBy(ByteView timestamp_bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const tuf::Envelope envelope,
      tuf::ParseEnvelope("timestamp", timestamp_bytes, tuf::kMaxTimestampBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Timestamp timestamp, tuf::ParseTimestamp(envelope));
  return tuf::MetadataFileName("snapshot", timestamp.snapshot.version);
}

StatusOr<std::vector<std::string>> RolesNamedBy(ByteView snapshot_bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope,
                            tuf::ParseEnvelope("snapshot", snapshot_bytes, tuf::kMaxSnapshotBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Snapshot snapshot, tuf::ParseSnapshot(envelope));
  std::vector<std::string> names;
  for (const auto& [role, meta] : snapshot.roles) {
    names.push_back(tuf::MetadataFileName(role, meta.version));
  }
  return names;
}

// The order files are written in.
std::tuple<int, std::int64_t, std::string> Place(const std::string& file_name) {
  const auto name = tuf::ParseMetadataName(file_name);
  if (!name.ok() || name->role == "timestamp") {
    return {3, 0, file_name};
  }
  const int kind = name->role == "root" ? 2 : (name->role == "snapshot" ? 1 : 0);
  return {kind, name->version, file_name};
}

}  // namespace

StatusOr<tuf::RepositoryFiles> LoadMetadata(const std::filesystem::path& folder) {
  tuf::RepositoryFiles files;
  if (FileSize(folder / kTimestamp).status().code() == StatusCode::kNotFound) {
    return files;
  }
  FLOTILLA_RETURN_IF_ERROR(LoadRoots(folder, files));
  FLOTILLA_RETURN_IF_ERROR(LoadFile(folder, kTimestamp, tuf::kMaxTimestampBytes, files));
  const auto snapshot = SnapshotNamedBy(files.at(kTimestamp));
  if (!snapshot.ok()) {
    return Corrupt(kTimestamp, snapshot.status());
  }
  FLOTILLA_RETURN_IF_ERROR(LoadFile(folder, *snapshot, tuf::kMaxSnapshotBytes, files));
  const auto roles = RolesNamedBy(files.at(*snapshot));
  if (!roles.ok()) {
    return Corrupt(*snapshot, roles.status());
  }
  for (const std::string& name : *roles) {
    FLOTILLA_RETURN_IF_ERROR(LoadFile(folder, name, tuf::kMaxTargetsBytes, files));
  }
  return files;
}

Status WriteMetadata(DurableFs& fs, const std::filesystem::path& folder,
                     const tuf::RepositoryFiles& now, const tuf::RepositoryFiles& next) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : next) {
    const auto there = now.find(name);
    if (there == now.end() || there->second != bytes) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return Place(a) < Place(b); });
  for (const std::string& name : names) {
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, folder / name, next.at(name), kPermissions));
  }
  return OkStatus();
}

tuf::RepositoryFiles NewestOnly(const tuf::RepositoryFiles& files) {
  std::map<std::string, std::int64_t> newest;
  for (const auto& [file_name, bytes] : files) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok()) {
      std::int64_t& version = newest[name->role];
      version = std::max(version, name->version);
    }
  }
  tuf::RepositoryFiles kept;
  for (const auto& [file_name, bytes] : files) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok() && (name->role == "root" || name->version == newest[name->role])) {
      kept[file_name] = bytes;
    }
  }
  return kept;
}

}  // namespace flotilla::controller
