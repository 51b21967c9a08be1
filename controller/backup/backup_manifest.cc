#include "controller/backup/backup_manifest.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "base/bytes.h"
#include "controller/backup/sealed_text.h"

namespace flotilla::controller {
namespace {

constexpr std::string_view kTitle = "flotilla-backup 1";
constexpr std::string_view kFile = "file";
constexpr std::string_view kElsewhere = "elsewhere";
constexpr std::string_view kLeftOut = "left-out";
constexpr std::string_view kIncluded = "included";

Status Damaged(const std::string& why) {
  return DataLoss(absl::StrCat("the manifest is damaged: ", why));
}

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '%' || c == '/';
}

// Only what stays below a folder.
bool IsInside(std::string_view path) {
  if (path.empty() || !std::all_of(path.begin(), path.end(), IsPlain)) {
    return false;
  }
  const std::vector<std::string> parts = absl::StrSplit(std::string(path), '/');
  const bool leaves = std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part.empty() || part == "." || part == "..";
  });
  return !leaves && path != kManifestName;
}

void AddFiles(std::string_view name, const std::vector<BackupFile>& files, SealedWriter& writer) {
  for (const BackupFile& file : files) {
    const std::string line =
        absl::StrCat(file.sha256.ToHex(), " ", file.size_bytes, " ", file.path);
    writer.Add(name, std::string_view(line));
  }
}

StatusOr<BackupFile> ParseFile(const std::string& line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string::npos ? first : line.find(' ', first + 1);
  if (second == std::string::npos) {
    return Damaged("a file without digest, size and name");
  }
  BackupFile file;
  FLOTILLA_ASSIGN_OR_RETURN(file.sha256, Digest::FromHex(line.substr(0, first)));
  FLOTILLA_ASSIGN_OR_RETURN(
      file.size_bytes, ParseWhole(std::string_view(line).substr(first + 1, second - first - 1)));
  file.path = line.substr(second + 1);
  if (!IsInside(file.path)) {
    return Damaged("a file that is not below its folder");
  }
  return file;
}

Status ParseFiles(std::string_view name, SealedReader& reader, std::vector<BackupFile>& files) {
  while (reader.NextName() == name) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string line, reader.Text(name));
    auto file = ParseFile(line);
    if (!file.ok()) {
      return Damaged(MessageOf(file.status()));
    }
    files.push_back(*std::move(file));
  }
  return OkStatus();
}

Status CheckOnce(const BackupManifest& manifest) {
  std::set<std::string_view> paths;
  for (const auto* files : {&manifest.files, &manifest.elsewhere}) {
    for (const BackupFile& file : *files) {
      if (!paths.insert(file.path).second) {
        return Damaged(absl::StrCat(file.path, " stands in it twice"));
      }
    }
  }
  return OkStatus();
}

bool IsId(const std::string& id) {
  constexpr std::size_t kDigits = 16;
  return id.size() == kDigits && HexDecode(id).ok();
}

}  // namespace

std::string EncodeManifest(const BackupManifest& manifest) {
  SealedWriter writer(kTitle);
  writer.Add("id", std::string_view(manifest.id))
      .Add("taken_at", manifest.taken_at)
      .Add("program", std::string_view(manifest.program))
      .Add("schema", manifest.schema)
      .Add("devices", manifest.devices)
      .Add("audit_seq", manifest.audit_seq)
      .Add("snapshot_version", manifest.snapshot_version)
      .Add("timestamp_version", manifest.timestamp_version)
      .Add("secrets", manifest.secrets == BackupSecrets::kIncluded ? kIncluded : kLeftOut);
  AddFiles(kFile, manifest.files, writer);
  AddFiles(kElsewhere, manifest.elsewhere, writer);
  return std::move(writer).Finish();
}

StatusOr<BackupManifest> ParseManifest(std::string_view text) {
  FLOTILLA_ASSIGN_OR_RETURN(SealedReader reader, SealedReader::Open(text, kTitle));
  BackupManifest manifest;
  FLOTILLA_ASSIGN_OR_RETURN(manifest.id, reader.Text("id"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.taken_at, reader.At("taken_at"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.program, reader.Text("program"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.schema, reader.Number("schema"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.devices, reader.Number("devices"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.audit_seq, reader.Number("audit_seq"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.snapshot_version, reader.Number("snapshot_version"));
  FLOTILLA_ASSIGN_OR_RETURN(manifest.timestamp_version, reader.Number("timestamp_version"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string secrets, reader.Text("secrets"));
  if (!IsId(manifest.id) || (secrets != kIncluded && secrets != kLeftOut)) {
    return Damaged("its id or what it says of secrets");
  }
  manifest.secrets = secrets == kIncluded ? BackupSecrets::kIncluded : BackupSecrets::kLeftOut;
  FLOTILLA_RETURN_IF_ERROR(ParseFiles(kFile, reader, manifest.files));
  FLOTILLA_RETURN_IF_ERROR(ParseFiles(kElsewhere, reader, manifest.elsewhere));
  FLOTILLA_RETURN_IF_ERROR(reader.AtEnd());
  FLOTILLA_RETURN_IF_ERROR(CheckOnce(manifest));
  return manifest;
}

}  // namespace flotilla::controller
