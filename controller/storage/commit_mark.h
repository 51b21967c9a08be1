#ifndef FLOTILLA_CONTROLLER_STORAGE_COMMIT_MARK_H_
#define FLOTILLA_CONTROLLER_STORAGE_COMMIT_MARK_H_

#include <cstdint>
#include <string>

#include "base/status.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// Tells afterwards whether a transaction took place whose COMMIT was never answered: each one
// counts up a row of this writer's own. A sole owner takes away the rows of all others, who thereby
// learn that they are not it any more, and begins the next epoch. Throws as SOCI does.
class CommitMark {
 public:
  // Makes the row, in a transaction of its own.
  void Make(soci::session& session, const SqlDialect& dialect);
  // In every transaction, last. FAILED_PRECONDITION: another owner took the database over; roll
  // back.
  Status Advance(soci::session& session);
  // Whether the transaction of the last Advance took place. Waits for a server that is still at it,
  // as long as the dialect waits for locks.
  bool Happened(soci::session& session) const;
  // Of a sole owner: higher than that of all owners before. 0: there are several.
  std::uint64_t epoch() const { return epoch_; }

 private:
  std::string writer_;
  std::uint64_t seq_ = 0;
  std::uint64_t epoch_ = 0;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_COMMIT_MARK_H_
