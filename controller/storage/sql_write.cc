#include "controller/storage/sql_write.h"

#include <soci/soci.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/sql_values.h"

namespace flotilla::controller {

using soci::use;

std::string ColumnNames(const SqlTable& table) {
  std::string text;
  for (const SqlColumn& column : table.columns) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", column.name);
  }
  return text;
}

std::string ConflictClause(const SqlTable& table) {
  if (table.write == SqlWrite::kInsert) {
    return "";
  }
  std::string keys;
  std::string values;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const char* name = table.columns[i].name;
    if (i < table.key_columns) {
      absl::StrAppend(&keys, keys.empty() ? "" : ", ", name);
    } else {
      absl::StrAppend(&values, values.empty() ? "" : ", ", name, " = excluded.", name);
    }
  }
  return table.write == SqlWrite::kReplace
             ? absl::StrCat(" ON CONFLICT (", keys, ") DO UPDATE SET ", values)
             : absl::StrCat(" ON CONFLICT (", keys, ") DO NOTHING");
}

std::size_t DeleteReports(soci::session& session, const SqlDialect& dialect, Time before,
                          std::size_t limit) {
  const SqlNumber time = UnixMillis(before);
  const SqlNumber most = ToSql(limit);
  // The index of a database with a journal knows the minute alone.
  const bool by_minute = dialect.words().hot_rows == HotRows::kJournal;
  const std::string query = absl::StrCat(
      "DELETE FROM reports WHERE (device_id, boot_epoch, seq) IN (SELECT device_id, boot_epoch, "
      "seq FROM reports old WHERE ",
      by_minute ? "received_at / 60000 <= :time / 60000 AND " : "",
      "received_at < :time AND seq < (SELECT MAX(seq) FROM reports newest WHERE newest.device_id = "
      "old.device_id AND newest.boot_epoch = old.boot_epoch) ORDER BY ",
      by_minute ? "received_at / 60000, " : "", "received_at LIMIT :most)");
  soci::statement statement = (session.prepare << query, use(time, "time"), use(most, "most"));
  statement.execute(true);
  return static_cast<std::size_t>(statement.get_affected_rows());
}

}  // namespace flotilla::controller
