#include "controller/storage/merged_rows.h"

#include <algorithm>
#include <utility>

namespace flotilla::controller {

bool MergedRows::KeyOrder::operator()(const SqlRow& a, const SqlRow& b) const {
  const auto keys = static_cast<std::ptrdiff_t>(columns);
  return std::lexicographical_compare(a.begin(), a.begin() + keys, b.begin(), b.begin() + keys);
}

std::set<SqlRow, MergedRows::KeyOrder>& MergedRows::RowsOf(const SqlTable& table) {
  for (Table& known : tables_) {
    if (known.table == &table) {
      return known.rows;
    }
  }
  std::set<SqlRow, KeyOrder> none(KeyOrder{table.key_columns});
  return tables_.emplace_back(Table{&table, std::move(none)}).rows;
}

void MergedRows::Add(SqlBatch batch) {
  if (batch.rows.empty()) {
    return;
  }
  std::set<SqlRow, KeyOrder>& rows = RowsOf(*batch.table);
  for (SqlRow& row : batch.rows) {
    const auto there = rows.lower_bound(row);
    if (there == rows.end() || rows.key_comp()(row, *there)) {
      rows.insert(there, std::move(row));
    } else if (batch.table->write == SqlWrite::kReplace) {
      rows.insert(rows.erase(there), std::move(row));
    }
  }
}

SqlBatch MergedRows::Take(std::size_t limit) {
  Table& first = tables_.front();
  SqlBatch batch{first.table, {}};
  batch.rows.reserve(std::min(limit, first.rows.size()));
  while (!first.rows.empty() && batch.rows.size() < limit) {
    batch.rows.push_back(std::move(first.rows.extract(first.rows.begin()).value()));
  }
  if (first.rows.empty()) {
    tables_.erase(tables_.begin());
  }
  return batch;
}

}  // namespace flotilla::controller
