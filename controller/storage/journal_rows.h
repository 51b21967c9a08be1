// Rows as bytes, for an entry of the journal (journal_body.h). For each table: its name, the names
// of its columns, its rows; a number is a varint, a text or body has its length in front.
#ifndef FLOTILLA_CONTROLLER_STORAGE_JOURNAL_ROWS_H_
#define FLOTILLA_CONTROLLER_STORAGE_JOURNAL_ROWS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

class JournalRowWriter {
 public:
  // Room for so many bytes more: it does not have to grow piece by piece.
  void Reserve(std::size_t more) { bytes_.reserve(bytes_.size() + more); }
  void Put(const SqlTable& table, std::span<const SqlRow> rows);
  const std::string& bytes() const { return bytes_; }
  void Clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

// In the order in which they were put. Errors: DamagedJournal's: they end early, or are of a table
// or columns that are not in HotTables().
StatusOr<std::vector<SqlBatch>> DecodeJournalRows(std::string_view bytes);

// DATA_LOSS (STORAGE_STATE_CORRUPT).
Status DamagedJournal(const char* what);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_JOURNAL_ROWS_H_
