#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_DIALECT_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_DIALECT_H_

#include <exception>

#include "base/status.h"
#include "controller/storage/sql_table.h"

namespace soci {
class session;
}  // namespace soci

namespace flotilla::controller {

// How a serialised message comes out of a query.
enum class BodyForm {
  kUnspecified,
  kBlob,
  // "\x70..."
  kHexText,
};

// Whether a COMMIT can be carried out without its answer coming back.
enum class CommitAnswer { kUnspecified, kSure, kMayBeLost };

// Where a commit leaves the rows of HotTables().
enum class HotRows {
  kUnspecified,
  // In their tables.
  kInPlace,
  // In the journal, which is folded into the tables later (sql_journal.h).
  kJournal,
};

// Who writes to the database.
enum class StoreOwnership {
  kUnspecified,
  // One process at a time: a second one is refused while the first is there, and the first writes
  // nothing any more once a second took over.
  kSole,
  kShared,
};

// Pieces of SQL that differ, and what they bring with them.
struct SqlWords {
  // Column types: of keys and digests, compared byte by byte, and of serialised messages.
  const char* text_type = nullptr;
  const char* body_type = nullptr;
  // 32 random hexadecimal digits.
  const char* random_id = nullptr;
  // Behind CREATE TABLE of rows that are replaced often; may be empty.
  const char* rewritten_table = nullptr;
  // Run first in a transaction that may change tables; null: nobody else can be at it.
  const char* lock_schema = nullptr;
  // Begins a transaction that reads one state of the whole database, whatever others commit.
  const char* begin_snapshot = nullptr;
  // Gives up what Connect took, sooner than the connection's end does; null: nothing.
  const char* unlock = nullptr;
  BodyForm body_form = BodyForm::kUnspecified;
  CommitAnswer commit_answer = CommitAnswer::kUnspecified;
  HotRows hot_rows = HotRows::kUnspecified;
};

// What can be done about an error.
enum class SqlFault {
  kUnspecified,
  // Nothing now.
  kLasting,
  // Another transaction was in the way: the same one again.
  kConflict,
  // The connection is of no use: open it again.
  kConnectionLost,
};

struct SqlError {
  Status status;
  SqlFault fault = SqlFault::kUnspecified;
};

// What differs between databases; the statements themselves are common (sql_schema, sql_read,
// sql_write).
class SqlDialect {
 public:
  virtual ~SqlDialect() = default;
  // Opens and sets up `session` for durable commits, and takes the database where it is the sole
  // owner of it. Throws as SOCI does.
  virtual void Connect(soci::session& session) const = 0;
  virtual const SqlWords& words() const = 0;
  virtual StoreOwnership ownership() const = 0;
  // Writes the rows in `session`'s open transaction. Throws as SOCI does.
  virtual void Write(soci::session& session, const SqlBatch& batch) const = 0;
  // What `error`, which came out of `session`, means by FleetStore's codes. A session that could
  // not be opened is closed.
  virtual SqlError ErrorOf(soci::session& session, const std::exception& error) const = 0;

 protected:
  SqlDialect() = default;
  SqlDialect(const SqlDialect&) = default;
  SqlDialect& operator=(const SqlDialect&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_DIALECT_H_
