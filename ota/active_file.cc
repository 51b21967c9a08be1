#include "ota/active_file.h"

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "ota/frames.h"
#include "ota/journal.h"
#include "ota/recovery.h"
#include "ota/storage_reason.h"
#include "ota/store.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kMaxRecordFileBytes = std::uint64_t{128} * 1024;
constexpr std::uint64_t kMaxJournalBytes = std::uint64_t{64} << 20;

template <typename Message>
StatusOr<Message> ReadMessageFile(const std::filesystem::path& path) {
  const StatusOr<Bytes> bytes = ReadFile(path, kMaxRecordFileBytes);
  if (!bytes.ok()) {
    return bytes.status().code() == StatusCode::kNotFound ? bytes.status()
                                                          : WithStorageReason(bytes.status());
  }
  const Frames frames = ReadFrames(*bytes);
  Message message;
  if (frames.payloads.size() != 1 || frames.good_bytes != bytes->size() ||
      !message.ParseFromArray(frames.payloads.front().data(),
                              static_cast<int>(frames.payloads.front().size()))) {
    return WithReason(DataLoss("not a whole record: " + path.string()),
                      v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  }
  return message;
}

template <typename Message>
Status WriteMessageFile(DurableFs& fs, const std::filesystem::path& path, const Message& message) {
  return WithSyncReason(DurableWrite(fs, path, MakeFrame(AsBytes(message.SerializeAsString()))));
}

Status AddBlobsOfLine(const std::filesystem::path& folder, std::set<Digest>& out) {
  const StatusOr<v1::ActiveRecord> active = ReadActiveFile(folder / "active");
  if (!active.ok() && active.status().code() != StatusCode::kNotFound) {
    return active.status();
  }
  if (active.ok()) {
    AddBlobs(active->current(), out);
    AddBlobs(active->previous(), out);
  }
  const StatusOr<Bytes> bytes = ReadFile(folder / "journal", kMaxJournalBytes);
  if (!bytes.ok()) {
    return bytes.status().code() == StatusCode::kNotFound ? OkStatus()
                                                          : WithStorageReason(bytes.status());
  }
  const JournalContent content = ReadJournal(*bytes);
  if (const v1::JournalRecord* open = FindOpenTransaction(content.records); open != nullptr) {
    AddBlobs(open->release(), out);
  }
  return OkStatus();
}

}  // namespace

StatusOr<v1::ActiveRecord> ReadActiveFile(const std::filesystem::path& path) {
  return ReadMessageFile<v1::ActiveRecord>(path);
}

StatusOr<v1::LineHolds> ReadHoldsFile(const std::filesystem::path& path) {
  return ReadMessageFile<v1::LineHolds>(path);
}

Status WriteActiveFile(DurableFs& fs, const std::filesystem::path& path,
                       const v1::ActiveRecord& active) {
  return WriteMessageFile(fs, path, active);
}

Status WriteHoldsFile(DurableFs& fs, const std::filesystem::path& path,
                      const v1::LineHolds& holds) {
  return WriteMessageFile(fs, path, holds);
}

void AddBlobs(const v1::InstalledRelease& release, std::set<Digest>& out) {
  for (const std::string* field : {&release.ref().sha256(), &release.golden_sha256()}) {
    out.insert(DigestOf(*field));
  }
  const std::vector<Digest> files = EngineBlobs(release);
  out.insert(files.begin(), files.end());
  out.erase(Digest());
}

std::vector<Digest> EngineBlobs(const v1::InstalledRelease& release) {
  std::vector<Digest> blobs = {DigestOf(release.model_sha256())};
  for (const v1::InstalledFile& file : release.files()) {
    blobs.push_back(DigestOf(file.sha256()));
  }
  return blobs;
}

Digest DigestOf(const std::string& field) {
  const StatusOr<Digest> digest = Digest::FromBytes(AsBytes(field));
  return digest.ok() ? *digest : Digest();
}

std::string NameOf(const v1::ReleaseRef& ref) {
  return ref.line() + " " + ref.version();
}

StatusOr<std::set<Digest>> ReferencedBlobs(const std::filesystem::path& state_dir) {
  std::set<Digest> out;
  std::error_code error;
  std::filesystem::directory_iterator it(state_dir / "lines", error);
  if (error == std::errc::no_such_file_or_directory) {
    return out;
  }
  for (const std::filesystem::directory_iterator end; !error && it != end; it.increment(error)) {
    FLOTILLA_RETURN_IF_ERROR(AddBlobsOfLine(it->path(), out));
  }
  if (error) {
    return WithStorageReason(ErrnoStatus(error.value(), "listing lines"));
  }
  return out;
}

}  // namespace flotilla::ota
