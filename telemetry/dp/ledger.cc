#include "telemetry/dp/ledger.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/file.h"
#include "telemetry/dp/ledger_record.h"

namespace flotilla::dp {
namespace {

// 262,143 records; a device makes some 1,000 a year.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{16} << 20U;

}  // namespace

Ledger::Ledger(DurableFs& fs, std::filesystem::path path, LedgerBook book)
    : fs_(fs), path_(std::move(path)), book_(std::move(book)) {}

Status Ledger::CreateAtEnrolment(DurableFs& fs, const std::filesystem::path& path) {
  const StatusOr<Bytes> bytes = ReadFile(path, kMaxFileBytes);
  if (bytes.ok()) {
    return fs.SyncDir(path.parent_path());  // whoever made it may have died before this
  }
  if (bytes.status().code() != StatusCode::kNotFound) {
    return bytes.status();
  }
  return DurableWrite(fs, path, LedgerHeader());
}

StatusOr<std::unique_ptr<Ledger>> Ledger::Open(DurableFs& fs, std::filesystem::path path,
                                               const LedgerTime& time) {
  const StatusOr<Bytes> bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes.ok() && bytes.status().code() != StatusCode::kNotFound) {
    return bytes.status();
  }
  LedgerContent content;
  if (bytes.ok()) {
    content = ReadLedger(*bytes);
  }
  std::unique_ptr<Ledger> ledger(
      new Ledger(fs, std::move(path), LedgerBook(std::move(content.records))));
  if (!content.intact) {
    FLOTILLA_ASSIGN_OR_RETURN(const LedgerRecord lost, ledger->book_.Lost(time));
    ledger->book_.Add(lost);
  }
  const bool untidy = ledger->book_.records().size() > kTidyRecords;
  if (untidy) {
    ledger->book_.DropExpired(time.floor);
  }
  FLOTILLA_RETURN_IF_ERROR(!content.intact || untidy ? ledger->Rewrite() : ledger->OpenFile());
  return ledger;
}

Status Ledger::OpenFile() {
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;
  FLOTILLA_ASSIGN_OR_RETURN(file_, fs_.Create(path_, options));
  count_ = book_.records().size();
  return OkStatus();
}

// Replaces the file by what the book says, in one step, and opens it for appending.
Status Ledger::Rewrite() {
  file_.reset();
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, path_, EncodeLedger(book_.records())));
  return OpenFile();
}

Status Ledger::Append(const LedgerRecord& record) {
  const std::uint64_t offset = kLedgerHeaderBytes + count_ * kLedgerRecordBytes;
  FLOTILLA_RETURN_IF_ERROR(file_->Write(offset, EncodeLedgerRecord(record, count_)));
  return file_->Sync();
}

Status Ledger::Spend(const Charge& charge, const LedgerTime& time) {
  FLOTILLA_ASSIGN_OR_RETURN(const LedgerRecord record, book_.Admit(charge, time));
  if (file_ == nullptr) {
    FLOTILLA_RETURN_IF_ERROR(Rewrite());
  }
  const Status status = Append(record);
  book_.Add(record);  // after an error it may be on the disk or not: it is spent
  if (!status.ok()) {
    file_.reset();  // a second Sync of it may lie
    return Annotate(status, "privacy ledger");
  }
  ++count_;
  return OkStatus();
}

}  // namespace flotilla::dp
