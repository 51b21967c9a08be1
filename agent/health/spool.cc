#include "agent/health/spool.h"

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/file.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxFileBytes = 4096;
constexpr char kSuffix[] = ".report";

std::vector<std::filesystem::path> FilesIn(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator next(folder, error);
  while (!error && next != std::filesystem::directory_iterator()) {
    files.push_back(next->path());
    next.increment(error);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string NameOf(const dp::ChargeId& id) {
  return absl::StrCat(HexEncode(id), kSuffix);
}

StatusOr<SpoolEntry> ReadEntry(const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, kMaxFileBytes));
  FLOTILLA_ASSIGN_OR_RETURN(SpoolEntry entry, DecodeSpoolEntry(bytes));
  if (file.filename() != NameOf(entry.id)) {
    return DataLoss("a spooled report under another name");
  }
  return entry;
}

}  // namespace

StatusOr<Spool> Spool::Open(DurableFs& fs, std::filesystem::path folder) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  Spool spool(fs, std::move(folder));
  for (const std::filesystem::path& file : FilesIn(spool.folder_)) {
    spool.TakeUp(file);
  }
  return spool;
}

void Spool::TakeUp(const std::filesystem::path& file) {
  StatusOr<SpoolEntry> entry = ReadEntry(file);
  if (entry.ok() && entries_.size() < kMaxReports) {
    const dp::ChargeId id = entry->id;
    entries_.emplace(id, *std::move(entry));
    return;
  }
  LogStatus(LogLevel::kWarning, "health.spool_dropped", entry.status());
  DurableRemove(*fs_, file).IgnoreError();
}

std::filesystem::path Spool::PathOf(const dp::ChargeId& id) const {
  return folder_ / NameOf(id);
}

Status Spool::Put(const SpoolEntry& entry) {
  if (entries_.contains(entry.id)) {
    return AlreadyExists("that task and window have a report in the spool");
  }
  if (entries_.size() >= kMaxReports) {
    return ResourceExhausted("the spool is full");
  }
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(*fs_, PathOf(entry.id), EncodeSpoolEntry(entry)));
  entries_.emplace(entry.id, entry);
  return OkStatus();
}

Status Spool::Remove(const dp::ChargeId& removed) {
  // It may be the one in the entry that goes.
  const dp::ChargeId id = removed;
  if (entries_.erase(id) == 0) {
    return NotFound("no such report in the spool");
  }
  return DurableRemove(*fs_, PathOf(id));
}

std::vector<SpoolEntry> ReadSpool(const std::filesystem::path& folder) {
  std::vector<SpoolEntry> entries;
  for (const std::filesystem::path& file : FilesIn(folder)) {
    if (StatusOr<SpoolEntry> entry = ReadEntry(file); entry.ok()) {
      entries.push_back(*std::move(entry));
    }
  }
  return entries;
}

}  // namespace flotilla::agent
