#include "ota/journal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "ota/frames.h"
#include "ota/storage_reason.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kMaxJournalBytes = std::uint64_t{64} << 20;
// Of older records, so many that say which releases the line ran stay.
constexpr std::size_t kKeptSlotRecords = 8;

bool ChangesSlots(const v1::JournalRecord& record) {
  return record.step() == v1::JOURNAL_STEP_ACTIVATED ||
         record.step() == v1::JOURNAL_STEP_CONFIRMED ||
         record.step() == v1::JOURNAL_STEP_ROLLED_BACK;
}

Bytes FrameOf(const v1::JournalRecord& record) {
  return MakeFrame(AsBytes(record.SerializeAsString()));
}

}  // namespace

JournalContent ReadJournal(ByteView bytes) {
  JournalContent content;
  const Frames frames = ReadFrames(bytes);
  for (const ByteView payload : frames.payloads) {
    v1::JournalRecord record;
    if (!record.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
      return content;
    }
    content.records.push_back(std::move(record));
    content.good_bytes = static_cast<std::uint64_t>(payload.data() - bytes.data()) + payload.size();
  }
  return content;
}

Journal::Journal(std::filesystem::path path, DurableFs& fs) : path_(std::move(path)), fs_(fs) {}

StatusOr<std::unique_ptr<Journal>> Journal::Open(std::filesystem::path path, DurableFs& fs) {
  std::unique_ptr<Journal> journal(new Journal(std::move(path), fs));
  const StatusOr<Bytes> bytes = ReadFile(journal->path_, kMaxJournalBytes);
  if (!bytes.ok() && bytes.status().code() != StatusCode::kNotFound) {
    return WithStorageReason(bytes.status());
  }
  JournalContent content;
  if (bytes.ok()) {
    content = ReadJournal(*bytes);
  }
  journal->records_ = std::move(content.records);
  const bool torn = bytes.ok() && content.good_bytes != bytes->size();
  if (torn || journal->records_.size() >= 2 * kKeptRecords) {
    journal->DropOldRecords();
    FLOTILLA_RETURN_IF_ERROR(journal->Rewrite());
    return journal;
  }
  journal->end_ = content.good_bytes;
  FLOTILLA_RETURN_IF_ERROR(journal->OpenFile());
  return journal;
}

Status Journal::OpenFile() {
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;
  StatusOr<std::unique_ptr<DurableFile>> file = fs_.Create(path_, options);
  if (!file.ok()) {
    return WithStorageReason(file.status());
  }
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(fs_.SyncDir(path_.parent_path())));
  file_ = std::move(file).value();
  return OkStatus();
}

void Journal::DropOldRecords() {
  if (records_.size() <= kKeptRecords) {
    return;
  }
  const auto old_end = records_.end() - static_cast<std::ptrdiff_t>(kKeptRecords);
  std::size_t surplus =
      static_cast<std::size_t>(std::count_if(records_.begin(), old_end, ChangesSlots));
  surplus -= std::min(surplus, kKeptSlotRecords);
  const auto kept = std::remove_if(records_.begin(), old_end, [&](const auto& record) {
    if (!ChangesSlots(record)) {
      return true;
    }
    if (surplus > 0) {
      --surplus;
      return true;
    }
    return false;
  });
  records_.erase(kept, old_end);
}

Status Journal::Rewrite() {
  file_.reset();
  Bytes bytes;
  for (const v1::JournalRecord& record : records_) {
    const Bytes frame = FrameOf(record);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableWrite(fs_, path_, bytes)));
  end_ = bytes.size();
  return OpenFile();
}

Status Journal::Append(const v1::JournalRecord& record) {
  if (file_ == nullptr) {
    FLOTILLA_RETURN_IF_ERROR(Rewrite());
  }
  const Bytes frame = FrameOf(record);
  Status status = WithStorageReason(file_->Write(end_, frame));
  if (status.ok()) {
    status = WithSyncReason(file_->Sync());
  }
  if (!status.ok()) {
    file_.reset();  // the kernel may have dropped the pages: never sync this file again
    return Annotate(status, "journal " + path_.string());
  }
  end_ += frame.size();
  records_.push_back(record);
  return OkStatus();
}

}  // namespace flotilla::ota
