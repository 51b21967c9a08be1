#include "controller/storage/sqlite_dialect.h"

#include <string>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

namespace flotilla::controller {
namespace {

constexpr int kPrimaryCodeMask = 0xff;

Status StatusOfCode(int code, const std::string& text) {
  switch (code & kPrimaryCodeMask) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return ResourceExhausted(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
      return Unavailable(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DataLoss(text);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return FailedPrecondition(text);
    default:
      return Internal(text);
  }
}

}  // namespace

void SqliteDialect::Connect(soci::session& session) const {
  session.open(soci::sqlite3, "db=\"" + path_.string() + "\" timeout=10");
  std::string answer;
  session << "PRAGMA journal_mode=WAL", soci::into(answer);
  session << "PRAGMA synchronous=FULL";
  // Fewer, larger checkpoints: a commit then writes once, to the log.
  session << "PRAGMA wal_autocheckpoint=16000", soci::into(answer);
  session << "PRAGMA foreign_keys=ON";
}

Status SqliteDialect::StatusOf(const std::exception& error) const {
  const std::string text = std::string("sqlite: ") + error.what();
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return StatusOfCode(sqlite->result(), text);
  }
  return Internal(text);
}

}  // namespace flotilla::controller
