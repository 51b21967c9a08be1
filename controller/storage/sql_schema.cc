#include "controller/storage/sql_schema.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <soci/soci.h>
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "controller/storage/sql_migrate.h"
#include "controller/storage/sql_rows.h"
#include "controller/storage/sql_write.h"

namespace flotilla::controller {
namespace {

// Key columns beside the serialised message; what is asked for is a column, the rest is the body.
// $0: text, $1: body, $2: room for rows that are replaced often.
constexpr std::array kTables = {
    "CREATE TABLE devices (id $0 PRIMARY KEY, boot_epoch BIGINT NOT NULL, report_seq BIGINT NOT "
    "NULL, session_epoch BIGINT NOT NULL, desired_digest $0 NOT NULL, public_key $0 NOT NULL, "
    "certificate_issued_at BIGINT NOT NULL, token_id $0 NOT NULL, body $1 NOT NULL)$2",
    "CREATE TABLE reports (device_id $0 NOT NULL, boot_epoch BIGINT NOT NULL, seq BIGINT NOT NULL, "
    "received_at BIGINT NOT NULL, body $1 NOT NULL, PRIMARY KEY (device_id, boot_epoch, seq))",
    "CREATE INDEX reports_by_time ON reports (device_id, received_at)",
    "CREATE TABLE rollouts (id $0 PRIMARY KEY, body $1 NOT NULL)$2",
    "CREATE TABLE rollout_devices (rollout_id $0 NOT NULL, device_id $0 NOT NULL, body $1 NOT "
    "NULL, PRIMARY KEY (rollout_id, device_id))$2",
    "CREATE TABLE baselines (line $0 PRIMARY KEY, selector $0 NOT NULL, rollout_id $0 NOT NULL, "
    "body $1 NOT NULL)",
    "CREATE TABLE releases (line $0 NOT NULL, version $0 NOT NULL, body $1 NOT NULL, PRIMARY KEY "
    "(line, version))",
    "CREATE TABLE tokens (id $0 PRIMARY KEY, secret_sha256 $0 NOT NULL, body $1 NOT NULL)",
    "CREATE TABLE revocations (serial $0 PRIMARY KEY, subject $0 NOT NULL, revoked_at BIGINT NOT "
    "NULL)",
    "CREATE TABLE audit (seq BIGINT PRIMARY KEY, body $1 NOT NULL)",
};

std::string Filled(const char* statement, const SqlDialect& dialect) {
  const SqlWords& words = dialect.words();
  return absl::Substitute(statement, words.text_type, words.body_type, words.rewritten_table);
}

Status MakeTables(soci::session& session, const SqlDialect& dialect) {
  for (const char* statement : kTables) {
    session << Filled(statement, dialect);
  }
  return OkStatus();
}

// Certificates that devices hold. Of one from before its device's record alone tells, until it is
// renewed.
Status AddCertificates(soci::session& session, const SqlDialect& dialect) {
  session << Filled(
      "CREATE TABLE certificates (serial $0 PRIMARY KEY, device_id $0 NOT NULL, authority $0 NOT "
      "NULL, public_key $0 NOT NULL, issued_at BIGINT NOT NULL, not_after BIGINT NOT NULL)",
      dialect);
  return OkStatus();
}

// Which transactions took place, where the answer to a COMMIT can be lost.
Status AddCommitMarks(soci::session& session, const SqlDialect& dialect) {
  if (dialect.words().commit_answer == CommitAnswer::kMayBeLost) {
    session << Filled(
        "CREATE TABLE commit_marks (writer $0 PRIMARY KEY, seq BIGINT NOT NULL, marked_at "
        "TIMESTAMP WITH TIME ZONE NOT NULL)$2",
        dialect);
  }
  return OkStatus();
}

// Which owner of a database that several programs reach is the newest, and where it is. One row. A
// program from before this table does without it.
void MakeLeaders(soci::session& session, const SqlDialect& dialect) {
  if (dialect.words().commit_answer == CommitAnswer::kMayBeLost) {
    session << Filled(
        "CREATE TABLE IF NOT EXISTS leaders (one INTEGER PRIMARY KEY CHECK (one = 1), epoch BIGINT "
        "NOT NULL, revision BIGINT NOT NULL, name $0 NOT NULL DEFAULT '', device $0 NOT NULL "
        "DEFAULT '', enrolment $0 NOT NULL DEFAULT '', operators $0 NOT NULL DEFAULT '', dashboard "
        "$0 NOT NULL DEFAULT '')$2",
        dialect);
  }
}

// By what reports are found beside their key. A fold into one file comes in the order of the key
// and writes a page of another index for every few rows, twice: there the newest reports of one
// device are found by the key and sorted, and the oldest of all by the minute, so that what is
// folded lies at the end of the index.
void MakeReportIndexes(soci::session& session, const SqlDialect& dialect) {
  if (dialect.words().hot_rows == HotRows::kJournal) {
    session << "DROP INDEX IF EXISTS reports_by_time";
    session << "DROP INDEX IF EXISTS reports_by_age";
    session << "CREATE INDEX IF NOT EXISTS reports_by_minute ON reports (received_at / 60000)";
  } else {
    session << "CREATE INDEX IF NOT EXISTS reports_by_age ON reports (received_at)";
  }
}

// Freezes and pins.
Status AddPolicies(soci::session& session, const SqlDialect& dialect) {
  session << Filled("CREATE TABLE policies (id $0 PRIMARY KEY, body $1 NOT NULL)", dialect);
  return OkStatus();
}

// Rows that reports write, until they are folded into their tables.
Status AddJournal(soci::session& session, const SqlDialect& dialect) {
  if (dialect.words().hot_rows == HotRows::kJournal) {
    session << Filled(
        "CREATE TABLE journal (seq INTEGER PRIMARY KEY, bytes BIGINT NOT NULL, body $1 NOT NULL)",
        dialect);
  }
  return OkStatus();
}

// What bodies of reports are packed behind (report_bodies.h). Those of before stay as they are.
Status AddReportWords(soci::session& session, const SqlDialect& dialect) {
  if (dialect.words().hot_rows == HotRows::kJournal) {
    session << Filled(
        "CREATE TABLE report_words (id INTEGER PRIMARY KEY, until BIGINT NOT NULL, body $1 NOT "
        "NULL)",
        dialect);
  }
  return OkStatus();
}

// steps[n]: from version n to version n + 1. Never changed once released, only added to.
using Step = Status (*)(soci::session&, const SqlDialect&);
constexpr std::array<Step, kSchemaVersion> kSteps = {
    MakeTables,  MigrateToAuditChain, AddCertificates, AddCommitMarks,
    AddPolicies, AddJournal,          AddReportWords};

int ReadVersion(soci::session& session) {
  int version = 0;
  soci::indicator found = soci::i_null;
  session << "SELECT MAX(version) FROM schema_version", soci::into(version, found);
  return found == soci::i_ok ? version : 0;
}

Status OtherSchema(const std::string& found) {
  return WithReason(
      FailedPrecondition(
          absl::StrCat("the database has ", found, ", this program knows schema ", kSchemaVersion)),
      v1::FAILURE_REASON_STORAGE_SCHEMA);
}

Status TakeStep(soci::session& session, const SqlDialect& dialect, int& version) {
  soci::transaction transaction(session);
  if (dialect.words().lock_schema != nullptr) {
    session << dialect.words().lock_schema;
  }
  session << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
  version = ReadVersion(session);
  if (version > kSchemaVersion) {
    return OtherSchema(absl::StrCat("schema ", version));
  }
  if (version < kSchemaVersion) {
    FLOTILLA_RETURN_IF_ERROR(kSteps.at(static_cast<std::size_t>(version))(session, dialect));
    ++version;
    session << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(version);
  } else {
    MakeLeaders(session, dialect);
    MakeReportIndexes(session, dialect);
  }
  transaction.commit();
  return OkStatus();
}

// That the tables are what their version says.
Status CheckTables(soci::session& session, const SqlDialect& dialect) {
  std::vector<const SqlTable*> tables = FleetTables();
  if (dialect.words().hot_rows == HotRows::kJournal) {
    tables.push_back(&JournalTable());
    tables.push_back(&WordsTable());
  }
  for (const SqlTable* table : tables) {
    try {
      session << absl::StrCat("SELECT ", ColumnNames(*table), " FROM ", table->name,
                              " WHERE 1 = 0");
    } catch (const soci::soci_error& error) {
      if (dialect.ErrorOf(session, error).fault == SqlFault::kConnectionLost) {
        throw;
      }
      return WithReason(
          DataLoss(absl::StrCat("table ", table->name, " is not that of schema ", kSchemaVersion)),
          v1::FAILURE_REASON_STORAGE_SCHEMA);
    }
  }
  return OkStatus();
}

}  // namespace

Status PrepareSchema(soci::session& session, const SqlDialect& dialect) {
  int before = -1;
  for (int version = 0; version != before;) {
    before = version;
    FLOTILLA_RETURN_IF_ERROR(TakeStep(session, dialect, version));
  }
  return CheckTables(session, dialect);
}

Status CheckSchema(soci::session& session, const SqlDialect& dialect) {
  int version = 0;
  try {
    version = ReadVersion(session);
  } catch (const soci::soci_error& error) {
    if (dialect.ErrorOf(session, error).fault == SqlFault::kConnectionLost) {
      throw;
    }
    return OtherSchema("no fleet in it");
  }
  if (version != kSchemaVersion) {
    return OtherSchema(absl::StrCat("schema ", version));
  }
  return CheckTables(session, dialect);
}

}  // namespace flotilla::controller
