#include "controller/storage/sqlite_dialect.h"

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "controller/storage/sql_write.h"

namespace flotilla::controller {
namespace {

constexpr int kPrimaryCodeMask = 0xff;
// How large the log becomes before its pages go to the tables.
constexpr int kLogBytes = 64'000 * 1024;

constexpr SqlWords kWords = {
    .text_type = "TEXT",
    .body_type = "BLOB",
    .random_id = "lower(hex(randomblob(16)))",
    .rewritten_table = "",
    .lock_schema = nullptr,
    .begin_snapshot = "BEGIN",
    .unlock = nullptr,
    .body_form = BodyForm::kBlob,
    .commit_answer = CommitAnswer::kSure,
    .hot_rows = HotRows::kJournal,
};

Status StatusOfCode(int code, const std::string& text) {
  switch (code & kPrimaryCodeMask) {
    case SQLITE_FULL:
      return WithReason(ResourceExhausted(text), v1::FAILURE_REASON_STORAGE_NO_SPACE);
    case SQLITE_NOMEM:
      return ResourceExhausted(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return WithReason(Unavailable(text), v1::FAILURE_REASON_STORAGE_LOCKED);
    case SQLITE_IOERR:
      return WithReason(Unavailable(text), v1::FAILURE_REASON_STORAGE_IO);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return WithReason(DataLoss(text), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
    case SQLITE_READONLY:
      return WithReason(FailedPrecondition(text), v1::FAILURE_REASON_STORAGE_READ_ONLY);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return FailedPrecondition(text);
    default:
      return Internal(text);
  }
}

// The values of one row while a statement runs over many; they stay where they are.
class RowBinding {
 public:
  RowBinding(soci::session& session, const SqlTable& table) : table_(table) {
    for (const SqlColumn& column : table.columns) {
      if (column.type == SqlType::kBody) {
        bodies_.emplace_back(session);
      }
    }
    numbers_.resize(table.columns.size());
    texts_.resize(table.columns.size());
  }

  void BindTo(soci::statement& statement) {
    std::size_t body = 0;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      switch (table_.columns[i].type) {
        case SqlType::kBody:
          statement.exchange(soci::use(bodies_[body++]));
          break;
        case SqlType::kNumber:
          statement.exchange(soci::use(numbers_[i]));
          break;
        case SqlType::kText:
        case SqlType::kUnspecified:
          statement.exchange(soci::use(texts_[i]));
          break;
      }
    }
  }

  void Take(const SqlRow& row) {
    std::size_t body = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (const auto* number = std::get_if<SqlNumber>(&row[i])) {
        numbers_[i] = *number;
      } else if (table_.columns[i].type == SqlType::kBody) {
        const auto& bytes = std::get<std::string>(row[i]);
        bodies_[body].write(0, bytes.data(), bytes.size());
        bodies_[body++].trim(bytes.size());
      } else {
        texts_[i] = std::get<std::string>(row[i]);
      }
    }
  }

 private:
  const SqlTable& table_;
  std::vector<SqlNumber> numbers_;
  std::vector<std::string> texts_;
  std::deque<soci::blob> bodies_;
};

std::string StatementFor(const SqlTable& table) {
  std::string marks;
  std::string keys;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    absl::StrAppend(&marks, i == 0 ? "" : ", ", ":c", i);
    absl::StrAppend(&keys, i == 0 ? "" : " AND ", table.columns[i].name, " = :c", i);
  }
  return table.write == SqlWrite::kDelete
             ? absl::StrCat("DELETE FROM ", table.name, " WHERE ", keys)
             : absl::StrCat("INSERT INTO ", table.name, " (", ColumnNames(table), ") VALUES (",
                            marks, ")", ConflictClause(table));
}

}  // namespace

const SqlWords& SqliteDialect::words() const {
  return kWords;
}

void SqliteDialect::Connect(soci::session& session) const {
  session.open(soci::sqlite3,
               absl::StrCat("db=\"", path_.string(), "\" timeout=", options_.busy_seconds));
  std::string answer;
  // Of a new file. A commit writes three pages beside its entry of the journal, and a fold a page
  // for a few rows of a device.
  session << "PRAGMA page_size=2048";
  session << "PRAGMA journal_mode=WAL", soci::into(answer);
  session << "PRAGMA synchronous=FULL";
  // Fewer, larger checkpoints: a commit then writes once, to the log.
  int page_bytes = 0;
  session << "PRAGMA page_size", soci::into(page_bytes);
  session << absl::StrCat("PRAGMA wal_autocheckpoint=", kLogBytes / page_bytes), soci::into(answer);
  // Debian's SQLite would write every page of the journal once more, as zeros, when it is folded.
  session << "PRAGMA secure_delete=FAST", soci::into(answer);
  session << "PRAGMA foreign_keys=ON";
  if (options_.max_pages != 0) {
    session << absl::StrCat("PRAGMA max_page_count=", options_.max_pages), soci::into(answer);
  }
}

void SqliteDialect::Write(soci::session& session, const SqlBatch& batch) const {
  RowBinding binding(session, *batch.table);
  soci::statement statement(session);
  binding.BindTo(statement);
  statement.alloc();
  statement.prepare(StatementFor(*batch.table));
  statement.define_and_bind();
  for (const SqlRow& row : batch.rows) {
    binding.Take(row);
    statement.execute(true);
  }
}

SqlError SqliteDialect::ErrorOf(soci::session& /*session*/, const std::exception& error) const {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return {StatusOfCode(sqlite->result(), absl::StrCat("sqlite: ", sqlite->get_error_message())),
            SqlFault::kLasting};
  }
  return {Internal(absl::StrCat("sqlite: ", error.what())), SqlFault::kLasting};
}

}  // namespace flotilla::controller
