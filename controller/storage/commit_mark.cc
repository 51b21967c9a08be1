#include "controller/storage/commit_mark.h"

#include <soci/soci.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/sql_values.h"

namespace flotilla::controller {

void CommitMark::Make(soci::session& session, const SqlDialect& dialect) {
  soci::transaction transaction(session);
  if (dialect.ownership() == StoreOwnership::kSole) {
    session << "DELETE FROM commit_marks";
    SqlNumber epoch = 0;
    session << "INSERT INTO leaders (one, epoch, revision) VALUES (1, 1, 1) ON CONFLICT (one) DO "
               "UPDATE SET epoch = leaders.epoch + 1, revision = leaders.revision + 1, name = '', "
               "device = '', enrolment = '', operators = '', dashboard = '' RETURNING epoch",
        soci::into(epoch);
    epoch_ = FromSql(epoch);
  } else {
    session << "DELETE FROM commit_marks WHERE marked_at < CURRENT_TIMESTAMP - INTERVAL '30 days'";
  }
  session << absl::StrCat("INSERT INTO commit_marks (writer, seq, marked_at) VALUES (",
                          dialect.words().random_id, ", 0, CURRENT_TIMESTAMP) RETURNING writer"),
      soci::into(writer_);
  transaction.commit();
}

Status CommitMark::Advance(soci::session& session) {
  const SqlNumber seq = ToSql(++seq_);
  SqlNumber marked = 0;
  session << "UPDATE commit_marks SET seq = :seq, marked_at = CURRENT_TIMESTAMP WHERE writer = "
             ":writer RETURNING seq",
      soci::into(marked), soci::use(seq), soci::use(writer_);
  return session.got_data()
             ? OkStatus()
             : FailedPrecondition("another controller took over: this one has to start again");
}

bool CommitMark::Happened(soci::session& session) const {
  // The row is locked as long as a server works at a transaction of this writer.
  SqlNumber seq = 0;
  session << "SELECT seq FROM commit_marks WHERE writer = :writer FOR UPDATE", soci::into(seq),
      soci::use(writer_);
  return session.got_data() && FromSql(seq) == seq_;
}

}  // namespace flotilla::controller
