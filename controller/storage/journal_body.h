// The bytes in which rows wait in the journal of a database (sql_journal.h): 'j', '1', and one zstd
// frame with its size and checksum. In it, for each table: name, names of the columns, rows;
// numbers are varints, texts and bodies have their length in front.
#ifndef FLOTILLA_CONTROLLER_STORAGE_JOURNAL_BODY_H_
#define FLOTILLA_CONTROLLER_STORAGE_JOURNAL_BODY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// Largest size of the rows of one body, uncompressed: nothing larger is written or read.
inline constexpr std::size_t kMaxJournalRows = std::size_t{64} << 20U;

struct JournalBody {
  std::string body;
  // Of the rows before they were compressed.
  std::size_t size_bytes = 0;
};

// `batches` in order, of HotTables() alone, in as many bodies as keep each near 4 MiB.
// INVALID_ARGUMENT: a row of more than kMaxJournalRows.
StatusOr<std::vector<JournalBody>> EncodeJournal(const std::vector<const SqlBatch*>& batches);

// The rows in the order in which they were written. DATA_LOSS (STORAGE_STATE_CORRUPT): these are no
// such bytes, or of a table or columns that are not in HotTables().
StatusOr<std::vector<SqlBatch>> DecodeJournal(std::string_view body);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_JOURNAL_BODY_H_
