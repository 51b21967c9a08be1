#include "controller/storage/sql_pages.h"

#include <deque>
#include <string>
#include <utility>

#include <soci/soci.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/sql_body.h"
#include "controller/storage/sql_write.h"

namespace flotilla::controller {
namespace {

// "SELECT a, b, c FROM t WHERE (a, b) > (:k0, :k1) ORDER BY a, b LIMIT 1000"
std::string QueryFor(const SqlTable& table, const SqlRow& after, std::size_t limit) {
  std::string keys;
  std::string marks;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    absl::StrAppend(&keys, i == 0 ? "" : ", ", table.columns[i].name);
    absl::StrAppend(&marks, i == 0 ? "" : ", ", ":k", i);
  }
  const std::string where =
      after.empty() ? std::string() : absl::StrCat(" WHERE (", keys, ") > (", marks, ")");
  return absl::StrCat("SELECT ", ColumnNames(table), " FROM ", table.name, where, " ORDER BY ",
                      keys, " LIMIT ", limit);
}

// Where the columns of one row come to while a query runs; they stay where they are.
class RowResult {
 public:
  RowResult(soci::session& session, const SqlDialect& dialect, const SqlTable& table)
      : table_(table), numbers_(table.columns.size()), texts_(table.columns.size()) {
    for (const SqlColumn& column : table.columns) {
      if (column.type == SqlType::kBody) {
        bodies_.emplace_back(session, dialect);
      }
    }
  }

  void BindTo(soci::statement& statement) {
    std::size_t body = 0;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      switch (table_.columns[i].type) {
        case SqlType::kBody:
          statement.exchange(bodies_[body++].Into());
          break;
        case SqlType::kNumber:
          statement.exchange(soci::into(numbers_[i]));
          break;
        case SqlType::kText:
        case SqlType::kUnspecified:
          statement.exchange(soci::into(texts_[i]));
          break;
      }
    }
  }

  StatusOr<SqlRow> Take() {
    SqlRow row;
    std::size_t body = 0;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].type == SqlType::kNumber) {
        row.emplace_back(numbers_[i]);
      } else if (table_.columns[i].type == SqlType::kBody) {
        FLOTILLA_ASSIGN_OR_RETURN(std::string bytes, bodies_[body++].Stored(table_.name));
        row.emplace_back(std::move(bytes));
      } else {
        row.emplace_back(texts_[i]);
      }
    }
    return row;
  }

 private:
  const SqlTable& table_;
  std::vector<SqlNumber> numbers_;
  std::vector<std::string> texts_;
  std::deque<SqlBody> bodies_;
};

void BindKey(soci::statement& statement, const SqlTable& table, const SqlRow& after) {
  for (std::size_t i = 0; !after.empty() && i < table.key_columns; ++i) {
    if (const auto* number = std::get_if<SqlNumber>(&after[i])) {
      statement.exchange(soci::use(*number));
    } else {
      statement.exchange(soci::use(std::get<std::string>(after[i])));
    }
  }
}

}  // namespace

StatusOr<std::vector<SqlRow>> ReadRowsAfter(soci::session& session, const SqlDialect& dialect,
                                            const SqlTable& table, const SqlRow& after,
                                            std::size_t limit) {
  RowResult result(session, dialect, table);
  soci::statement statement(session);
  result.BindTo(statement);
  BindKey(statement, table, after);
  statement.alloc();
  statement.prepare(QueryFor(table, after, limit), soci::details::st_one_time_query);
  statement.define_and_bind();
  statement.execute();
  std::vector<SqlRow> rows;
  while (statement.fetch()) {
    FLOTILLA_ASSIGN_OR_RETURN(SqlRow row, result.Take());
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace flotilla::controller
