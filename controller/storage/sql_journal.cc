#include "controller/storage/sql_journal.h"

#include <algorithm>
#include <string>
#include <utility>

#include <soci/soci.h>

#include "controller/storage/journal_body.h"
#include "controller/storage/report_bodies.h"
#include "controller/storage/sql_pages.h"
#include "controller/storage/sql_rows.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

// Uncompressed rows that one call reads, and that one fold holds in memory. A commit that comes
// meanwhile waits for the call, and so for a piece of a transaction: each takes about two syncs of
// a disk.
constexpr std::size_t kCallBytes = std::size_t{2} << 20U;
constexpr std::size_t kRunBytes = std::size_t{64} << 20U;
// Entries are small where commits are: read a few at a time.
constexpr std::size_t kEntries = 4;
// Rows of one transaction.
constexpr std::size_t kPieceRows = 2'000;

bool IsHot(const SqlTable& table) {
  const std::vector<const SqlTable*>& hot = HotTables();
  return std::find(hot.begin(), hot.end(), &table) != hot.end();
}

}  // namespace

SqlJournal::Tail& SqlJournal::Known(soci::session& session) {
  if (!tail_.has_value()) {
    Tail tail;
    SqlNumber entries = 0;
    SqlNumber bytes = 0;
    session << "SELECT COALESCE(MAX(seq), 0), COUNT(*), COALESCE(SUM(bytes), 0) FROM journal",
        soci::into(tail.last_seq), soci::into(entries), soci::into(bytes);
    tail.entries = FromSql(entries);
    tail.size_bytes = FromSql(bytes);
    tail_ = tail;
  }
  return *tail_;
}

Status SqlJournal::Write(soci::session& session, const std::vector<SqlBatch>& batches) {
  FLOTILLA_RETURN_IF_ERROR(damage_);
  std::vector<const SqlBatch*> hot;
  for (const SqlBatch& batch : batches) {
    if (InUse() && IsHot(*batch.table)) {
      hot.push_back(&batch);
    } else {
      dialect_.Write(session, batch);
    }
  }
  return hot.empty() ? OkStatus() : Append(session, hot);
}

Status SqlJournal::Append(soci::session& session, const std::vector<const SqlBatch*>& batches) {
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<JournalBody> bodies, EncodeJournal(batches));
  Tail& tail = Known(session);
  SqlBatch entries{&JournalTable(), {}};
  for (JournalBody& body : bodies) {
    ++tail.last_seq;
    ++tail.entries;
    tail.size_bytes += body.size_bytes;
    entries.rows.push_back({tail.last_seq, ToSql(body.size_bytes), std::move(body.body)});
  }
  dialect_.Write(session, entries);
  return OkStatus();
}

StatusOr<FoldState> SqlJournal::Fold(soci::session& session, std::size_t keep_bytes) {
  if (!InUse()) {
    return FoldState{};
  }
  const Tail& tail = Known(session);
  if (run_ == nullptr) {
    if (tail.entries == 0 || (keep_bytes > 0 && tail.size_bytes <= keep_bytes)) {
      return FoldState{tail.size_bytes, false};
    }
    run_ = std::make_unique<Run>();
  }
  if (Status done = run_->gathered ? WritePiece(session) : Gather(session); !done.ok()) {
    if (done.code() == StatusCode::kDataLoss) {
      run_.reset();
      damage_ = done;
    }
    return done;
  }
  return FoldState{tail.size_bytes, run_ != nullptr};
}

Status SqlJournal::FoldAll(soci::session& session) {
  while (InUse() && (run_ != nullptr || Known(session).entries > 0)) {
    FLOTILLA_RETURN_IF_ERROR(Fold(session, 0).status());
  }
  return OkStatus();
}

Status SqlJournal::Gather(soci::session& session) {
  Run& run = *run_;
  for (std::size_t read = 0; read < kCallBytes && !run.gathered;) {
    FLOTILLA_ASSIGN_OR_RETURN(
        const std::vector<SqlRow> entries,
        ReadRowsAfter(session, dialect_, JournalTable(), {run.read.last_seq}, kEntries));
    for (const SqlRow& entry : entries) {
      FLOTILLA_ASSIGN_OR_RETURN(std::vector<SqlBatch> batches,
                                DecodeJournal(std::get<std::string>(entry[2])));
      for (SqlBatch& batch : batches) {
        run.rows.Add(std::move(batch));
      }
      const std::size_t bytes = FromSql(std::get<SqlNumber>(entry[1]));
      read += bytes;
      run.read.last_seq = std::get<SqlNumber>(entry[0]);
      run.read.size_bytes += bytes;
      ++run.read.entries;
    }
    run.gathered = entries.size() < kEntries || run.read.size_bytes >= kRunBytes;
  }
  return OkStatus();
}

Status SqlJournal::WritePiece(soci::session& session) {
  Run& run = *run_;
  if (run.writing.rows.empty() && !run.rows.empty()) {
    run.writing = run.rows.Take(kPieceRows);
  }
  soci::transaction transaction(session);
  if (run.writing.table == &ReportsTable()) {
    FLOTILLA_ASSIGN_OR_RETURN(const SqlBatch packed, PackReports(session, dialect_, run.writing));
    dialect_.Write(session, packed);
  } else if (!run.writing.rows.empty()) {
    dialect_.Write(session, run.writing);
  }
  if (!run.rows.empty()) {
    transaction.commit();
    run.writing = {};
    return OkStatus();
  }
  session << "DELETE FROM journal WHERE seq <= :seq", soci::use(run.read.last_seq);
  transaction.commit();
  Tail& tail = Known(session);
  tail.entries -= run.read.entries;
  tail.size_bytes -= run.read.size_bytes;
  run_.reset();
  return OkStatus();
}

}  // namespace flotilla::controller
