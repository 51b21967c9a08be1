#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_JOURNAL_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_JOURNAL_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "controller/storage/fleet_store.h"
#include "controller/storage/merged_rows.h"
#include "controller/storage/sql_dialect.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// Rows of HotTables() on their way: a commit appends them to table `journal`, one entry a group, in
// place of writing each to pages of its own; a fold writes what many commits left, of each key the
// newest, and deletes the entries with the last of it. As long as entries are there, tables may be
// behind them or hold a part of them: read nothing of them before FoldAll. A crash between leaves
// the entries, and folding them once more comes to the same rows.
// Of a dialect without journal Write writes in place, and there is nothing to fold.
// One thread. Throws as SOCI does.
class SqlJournal {
 public:
  explicit SqlJournal(const SqlDialect& dialect) : dialect_(dialect) {}

  // Whether this database has one.
  bool InUse() const { return dialect_.words().hot_rows == HotRows::kJournal; }

  // In the caller's transaction. DATA_LOSS: an entry that an earlier fold met cannot be read.
  Status Write(soci::session& session, const std::vector<SqlBatch>& batches);
  // The transaction of the last Write did not take place, as far as is known.
  void Forget() { tail_.reset(); }

  // FleetStore::Fold, in a transaction of its own. DATA_LOSS (STORAGE_STATE_CORRUPT): an entry
  // cannot be read; nothing of it or behind it is written.
  StatusOr<FoldState> Fold(soci::session& session, std::size_t keep_bytes);
  Status FoldAll(soci::session& session);

 private:
  // What is in the table.
  struct Tail {
    SqlNumber last_seq = 0;
    std::size_t entries = 0;
    std::size_t size_bytes = 0;
  };
  // One fold: reads entries until it has them all or is large, then writes their rows.
  struct Run {
    Tail read;
    bool gathered = false;
    MergedRows rows;
    // Taken out of `rows`, not written yet.
    SqlBatch writing;
  };

  Tail& Known(soci::session& session);
  Status Append(soci::session& session, const std::vector<const SqlBatch*>& batches);
  Status Gather(soci::session& session);
  Status WritePiece(soci::session& session);

  const SqlDialect& dialect_;
  std::optional<Tail> tail_;
  std::unique_ptr<Run> run_;  // null: no fold is under way
  Status damage_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_JOURNAL_H_
