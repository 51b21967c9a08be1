// The device's ledger: nothing is reported that it did not write down first.
#ifndef FLOTILLA_TELEMETRY_DP_LEDGER_H_
#define FLOTILLA_TELEMETRY_DP_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/durable_fs.h"
#include "base/status.h"
#include "telemetry/dp/charge.h"
#include "telemetry/dp/ledger_book.h"

namespace flotilla::dp {

// An append-only file. Blocking. One thread at a time, one process.
//
// A ledger that is missing, damaged or torn counts as spent to the last bit: what was there cannot
// have been over the cap, so the cap is written down as spent from now, and the device is silent
// for one budget window. Open therefore never makes an empty ledger; CreateAtEnrolment does, and it
// alone. An enrolled device without the file has lost it.
//
// What it cannot see: a file put back to an older state whole, as by a restored backup.
class Ledger {
 public:
  // Makes the empty ledger, where none is. Called by enrolment before the device's first identity
  // is saved, never when the device has or had one; after a power cut, call it again.
  static Status CreateAtEnrolment(DurableFs& fs, const std::filesystem::path& path);

  // Reads the file; a defect costs the whole budget, durably, before this returns. On an error
  // there is no ledger, and nothing may be reported: FAILED_PRECONDITION: a defect, and a clock too
  // far ahead to write it down; RESOURCE_EXHAUSTED, DATA_LOSS: the disk.
  static StatusOr<std::unique_ptr<Ledger>> Open(DurableFs& fs, std::filesystem::path path,
                                                const LedgerTime& time);

  // OK: `charge` is durable, and its one report may be spooled. Errors of LedgerBook::Admit, or of
  // the disk; after the latter the charge counts as spent, and nothing may be spooled for it.
  Status Spend(const Charge& charge, const LedgerTime& time);

  const LedgerBook& book() const { return book_; }

  // Records above which Open drops those that do not count any more.
  static constexpr std::size_t kTidyRecords = 4096;

 private:
  Ledger(DurableFs& fs, std::filesystem::path path, LedgerBook book);

  Status OpenFile();
  Status Rewrite();
  Status Append(const LedgerRecord& record);

  DurableFs& fs_;
  std::filesystem::path path_;
  LedgerBook book_;
  std::unique_ptr<DurableFile> file_;  // null: must be written anew
  std::uint64_t count_ = 0;            // records in the file
};

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_LEDGER_H_
