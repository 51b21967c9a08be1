// How bodies lie in table reports of a database with a journal: packed (packed_body.h) behind words
// of table report_words. New ones are made when they make what is folded a good deal smaller, and
// go when all reports that need them are old enough to be removed.
#ifndef FLOTILLA_CONTROLLER_STORAGE_REPORT_BODIES_H_
#define FLOTILLA_CONTROLLER_STORAGE_REPORT_BODIES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/status.h"
#include "base/time.h"
#include "controller/storage/packed_body.h"
#include "controller/storage/sql_dialect.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// Reads words as they are needed and keeps the last few of them. Of one database. Throws as SOCI
// does.
class ReportBodies {
 public:
  explicit ReportBodies(const SqlDialect& dialect) : dialect_(dialect) {}

  // `stored` as it was before it was packed, if it was. DATA_LOSS.
  StatusOr<std::string> Plain(soci::session& session, std::string stored);

  // In the caller's transaction, when all reports that came in before `before` are removed but for
  // those that are kept: unpacks at most `limit` of these, and removes words that nothing needs
  // any more, since they are reports themselves. DATA_LOSS.
  Status Expire(soci::session& session, Time before, std::size_t limit);

 private:
  const SqlDialect& dialect_;
  const BodyUnpacker unpacker_;
  std::map<std::uint64_t, BodyWords> words_;
};

// Rows of table reports with their bodies packed, to be written in the caller's transaction, in
// which new words are written where they are worth it. DATA_LOSS: the newest words are damaged.
// Throws as SOCI does.
StatusOr<SqlBatch> PackReports(soci::session& session, const SqlDialect& dialect,
                               const SqlBatch& reports);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_REPORT_BODIES_H_
