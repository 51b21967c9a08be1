#ifndef FLOTILLA_OTA_JOURNAL_H_
#define FLOTILLA_OTA_JOURNAL_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "flotilla/v1/update.pb.h"

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::ota {

struct JournalContent {
  std::vector<v1::JournalRecord> records;
  std::uint64_t good_bytes = 0;  // the rest of the file is torn or unknown
};

// The records of a journal file's bytes up to the first that is torn or is no JournalRecord. Pure.
JournalContent ReadJournal(ByteView bytes);

// What happened on one line, in order: an append-only file of framed JournalRecords. A record is
// durable when Append has returned OK. One thread at a time.
class Journal {
 public:
  // Reads the file (none is an empty one), cuts a torn tail and drops what is older than the last
  // kKeptRecords when it has grown to twice that. STORAGE_* reasons.
  static StatusOr<std::unique_ptr<Journal>> Open(std::filesystem::path path, DurableFs& fs);

  const std::vector<v1::JournalRecord>& records() const { return records_; }

  // After an error the record may or may not be in the file and is not in records(); the file
  // itself is given up, and the next Append writes a new one first.
  Status Append(const v1::JournalRecord& record);

  static constexpr std::size_t kKeptRecords = 256;

 private:
  Journal(std::filesystem::path path, DurableFs& fs);

  Status OpenFile();
  Status Rewrite();
  void DropOldRecords();

  std::filesystem::path path_;
  DurableFs& fs_;
  std::vector<v1::JournalRecord> records_;
  std::unique_ptr<DurableFile> file_;  // null: must be written anew
  std::uint64_t end_ = 0;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_JOURNAL_H_
