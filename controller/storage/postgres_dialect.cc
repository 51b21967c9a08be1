#include "controller/storage/postgres_dialect.h"

#include <algorithm>
#include <span>
#include <vector>

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "base/log.h"
#include "controller/storage/postgres_array.h"
#include "controller/storage/postgres_error.h"
#include "controller/storage/sql_write.h"

namespace flotilla::controller {
namespace {

// The lock is for whoever makes or changes tables: "Flotilla" in the first half, the first use of
// it in the second. It ends with its transaction; whoever waits for it waits as long as it takes.
constexpr SqlWords kWords = {
    .text_type = "TEXT COLLATE \"C\"",
    .body_type = "BYTEA",
    .random_id = "replace(CAST(gen_random_uuid() AS TEXT), '-', '')",
    // Room in each page, so that a row is rewritten beside itself and no index is touched.
    .rewritten_table = " WITH (fillfactor = 70)",
    .lock_schema =
        "SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock(1181511540, 1)",
    .begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .unlock = "SELECT pg_advisory_unlock_all()",
    .body_form = BodyForm::kHexText,
    .commit_answer = CommitAnswer::kMayBeLost,
    .hot_rows = HotRows::kInPlace,
};

// A stricter setting of the server's (synchronous_commit = remote_apply) stays. Of a client that is
// gone nothing stays locked, the database itself included.
constexpr char kSessionSettings[] =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE "
    "current_setting('synchronous_commit') IN ('off', 'local', 'remote_write'); "
    "SET client_min_messages = warning; "
    "SET default_transaction_isolation = 'read committed'; "
    "SET bytea_output = 'hex'; "
    "SET idle_in_transaction_session_timeout = '60s'; "
    "SET tcp_user_timeout = '30s'; "
    "SET tcp_keepalives_idle = 10; "
    "SET tcp_keepalives_interval = 5; "
    "SET tcp_keepalives_count = 4; ";

std::string StatementFor(const SqlTable& table) {
  std::string arrays;
  std::string names;
  std::string keys;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const SqlColumn& column = table.columns[i];
    const char* comma = i == 0 ? "" : ", ";
    absl::StrAppend(&arrays, comma, "CAST(:c", i, " AS ", PostgresArrayType(column.type), ")");
    absl::StrAppend(&names, comma, column.name);
    absl::StrAppend(&keys, i == 0 ? "" : " AND ", "t.", column.name, " = gone.", column.name);
  }
  return table.write == SqlWrite::kDelete
             ? absl::StrCat("DELETE FROM ", table.name, " t USING unnest(", arrays, ") AS gone(",
                            names, ") WHERE ", keys)
             : absl::StrCat("INSERT INTO ", table.name, " (", names, ") SELECT * FROM unnest(",
                            arrays, ")", ConflictClause(table));
}

// Null: not open. (SOCI keeps the type information of its backend to itself: no dynamic_cast.)
PGconn* ConnectionOf(soci::session& session) {
  auto* backend = static_cast<soci::postgresql_session_backend*>(session.get_backend());
  return backend == nullptr ? nullptr : backend->conn_;
}

// Without the statement and its values, which SOCI adds to what().
std::string TextOf(const std::exception& error) {
  const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error);
  std::string text = soci_error == nullptr ? error.what() : soci_error->get_error_message();
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

// Until the connection ends. The server ends it with the process, or when it hears nothing of it
// for 30 s.
void TakeDatabase(soci::session& session) {
  std::string taken;
  session << "SELECT pg_try_advisory_lock(1181511540, 2)", soci::into(taken);
  if (taken != "t") {
    throw soci::postgresql_soci_error("another controller uses this database", "55P03");
  }
}

SqlError Unanswered(const std::string& text) {
  return {WithReason(Unavailable(absl::StrCat("postgresql: ", text)),
                     v1::FAILURE_REASON_STORAGE_DATABASE_GONE),
          SqlFault::kConnectionLost};
}

}  // namespace

const SqlWords& PostgresDialect::words() const {
  return kWords;
}

void PostgresDialect::Connect(soci::session& session) const {
  session.open(soci::postgresql, options_.conninfo);
  session << absl::StrCat(kSessionSettings, "SET lock_timeout = '", options_.lock_timeout_seconds,
                          "s'");
  if (options_.ownership == StoreOwnership::kSole) {
    TakeDatabase(session);
  }
  std::string fsync;
  session << "SHOW fsync", soci::into(fsync);
  if (fsync == "off") {
    LogWarning("store.not_durable", {{"setting", "fsync = off"}});
  }
}

void PostgresDialect::Write(soci::session& session, const SqlBatch& batch) const {
  const SqlTable& table = *batch.table;
  const std::string sql = StatementFor(table);
  std::span<const SqlRow> rest = batch.rows;
  while (!rest.empty()) {
    const auto rows = rest.first(std::min(rest.size(), options_.batch_rows));
    rest = rest.subspan(rows.size());
    std::vector<std::string> arrays;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      arrays.push_back(PostgresArray(rows, i, table.columns[i].type));
    }
    soci::statement statement(session);
    for (const std::string& array : arrays) {
      statement.exchange(soci::use(array));
    }
    statement.alloc();
    statement.prepare(sql, soci::details::st_one_time_query);
    statement.define_and_bind();
    statement.execute(true);
  }
}

SqlError PostgresDialect::ErrorOf(soci::session& session, const std::exception& error) const {
  const std::string text = TextOf(error);
  PGconn* connection = ConnectionOf(session);
  if (connection == nullptr) {
    const std::string state = RefusalOf(options_.conninfo);
    return state.empty() ? Unanswered(text) : PostgresError(state, text);
  }
  const auto* told = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  const std::string state = told == nullptr ? "" : told->sqlstate();
  SqlError found = PostgresError(state, text);
  // No SQLSTATE: libpq's own word, whose status lags behind when the server ended in between.
  const bool unanswered = told != nullptr && state.find_first_not_of(' ') == std::string::npos;
  if (!unanswered && PQstatus(connection) != CONNECTION_BAD) {
    return found;
  }
  // What the server said last, if it tells why.
  return found.fault == SqlFault::kConnectionLost ? found : Unanswered(text);
}

}  // namespace flotilla::controller
