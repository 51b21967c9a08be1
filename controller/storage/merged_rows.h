#ifndef FLOTILLA_CONTROLLER_STORAGE_MERGED_ROWS_H_
#define FLOTILLA_CONTROLLER_STORAGE_MERGED_ROWS_H_

#include <cstddef>
#include <set>
#include <vector>

#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// What many commits wrote, as one: of the rows with one key the last, or of a table that keeps the
// first (SqlWrite) the first.
class MergedRows {
 public:
  // Rows that were written after all that are here.
  void Add(SqlBatch batch);
  bool empty() const { return tables_.empty(); }
  // Takes at most `limit` rows out, of one table, the lowest keys. There are some.
  SqlBatch Take(std::size_t limit);

 private:
  struct KeyOrder {
    std::size_t columns = 0;
    bool operator()(const SqlRow& a, const SqlRow& b) const;
  };
  struct Table {
    const SqlTable* table = nullptr;
    std::set<SqlRow, KeyOrder> rows;
  };

  std::set<SqlRow, KeyOrder>& RowsOf(const SqlTable& table);

  // Each has rows.
  std::vector<Table> tables_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_MERGED_ROWS_H_
