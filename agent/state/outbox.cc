#include "agent/state/outbox.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"

namespace flotilla::agent {
namespace {

// SQLite's integers are signed; the bits are what counts.
std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::uint64_t Number(const SqlValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : static_cast<std::uint64_t>(*number);
}

StatusOr<std::optional<std::uint64_t>> ReadMeta(StateDb& db, const std::string& name) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            db.Query("SELECT value FROM meta WHERE name=?1", {name}));
  if (rows.empty()) {
    return std::optional<std::uint64_t>();
  }
  return std::optional<std::uint64_t>(Number(rows[0][0]));
}

Status WriteMeta(StateDb& db, const std::string& name, std::uint64_t value) {
  return db.Run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", {name, Signed(value)});
}

std::uint64_t NewEpoch(Random& random) {
  std::array<std::uint8_t, 8> bytes{};
  random.Fill(bytes);
  std::uint64_t epoch = 0;
  for (const std::uint8_t byte : bytes) {
    epoch = epoch << 8 | byte;
  }
  return epoch;
}

}  // namespace

std::string AssignmentKey(const v1::Assignment& assignment) {
  return HexEncode(AsBytes(assignment.release().sha256())) + "/" + assignment.rollout_id() + "/" +
         std::to_string(assignment.attempt());
}

StatusOr<std::unique_ptr<Outbox>> Outbox::Open(StateDb& db, Random& random) {
  std::unique_ptr<Outbox> outbox(new Outbox(db));
  FLOTILLA_RETURN_IF_ERROR(outbox->Load(random));
  return outbox;
}

Status Outbox::Load(Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> epoch, ReadMeta(db_, "boot_epoch"));
  if (!epoch.has_value()) {
    boot_epoch_ = NewEpoch(random);
    return db_.Transaction([this] {
      FLOTILLA_RETURN_IF_ERROR(WriteMeta(db_, "boot_epoch", boot_epoch_));
      FLOTILLA_RETURN_IF_ERROR(WriteMeta(db_, "last_seq", 0));
      return WriteMeta(db_, "acked_seq", 0);
    });
  }
  boot_epoch_ = *epoch;
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> last, ReadMeta(db_, "last_seq"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> acked, ReadMeta(db_, "acked_seq"));
  last_seq_ = last.value_or(0);
  acked_seq_ = acked.value_or(0);
  return OkStatus();
}

std::uint64_t Outbox::first_seq() const {
  return acked_seq_ == last_seq_ ? 0 : acked_seq_ + 1;
}

std::uint64_t Outbox::last_unacknowledged_seq() const {
  return acked_seq_ == last_seq_ ? 0 : last_seq_;
}

StatusOr<bool> Outbox::Append(const v1::Assignment& assignment, v1::UpdateReport report) {
  const std::string& line = assignment.release().line();
  const std::string key = AssignmentKey(assignment);
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<LineProgress> last, Progress(line));
  if (last.has_value() && last->key == key && last->state == report.state()) {
    return false;
  }
  const std::uint64_t seq = last_seq_ + 1;
  report.set_boot_epoch(boot_epoch_);
  report.set_seq(seq);
  const auto write = [&]() -> Status {
    FLOTILLA_RETURN_IF_ERROR(
        db_.Run("INSERT INTO outbox VALUES (?1, ?2)", {Signed(seq), report.SerializeAsString()}));
    FLOTILLA_RETURN_IF_ERROR(db_.Run(
        "INSERT OR REPLACE INTO progress VALUES (?1, ?2, ?3, ?4)",
        {line, key, assignment.SerializeAsString(), static_cast<std::int64_t>(report.state())}));
    return WriteMeta(db_, "last_seq", seq);
  };
  FLOTILLA_RETURN_IF_ERROR(db_.Transaction(write));
  last_seq_ = seq;
  return true;
}

Status Outbox::AckUpTo(std::uint64_t durable_seq) {
  const std::uint64_t upto = std::min(durable_seq, last_seq_);
  if (upto <= acked_seq_) {
    return OkStatus();
  }
  const auto write = [&]() -> Status {
    if (upto > kKept) {
      FLOTILLA_RETURN_IF_ERROR(db_.Run("DELETE FROM outbox WHERE seq<=?1", {Signed(upto - kKept)}));
    }
    return WriteMeta(db_, "acked_seq", upto);
  };
  FLOTILLA_RETURN_IF_ERROR(db_.Transaction(write));
  acked_seq_ = upto;
  return OkStatus();
}

StatusOr<std::uint64_t> Outbox::TakeBack(std::uint64_t durable_seq) {
  if (durable_seq >= acked_seq_) {
    return std::uint64_t{0};
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      db_.Query("SELECT COUNT(*), MIN(seq) FROM outbox WHERE seq>?1 AND seq<=?2",
                {Signed(durable_seq), Signed(acked_seq_)}));
  const std::uint64_t count = Number(rows.at(0).at(0));
  if (count == 0) {
    return count;  // of an agent that kept none
  }
  const std::uint64_t acked = Number(rows[0][1]) - 1;
  FLOTILLA_RETURN_IF_ERROR(WriteMeta(db_, "acked_seq", acked));
  acked_seq_ = acked;
  return count;
}

StatusOr<std::vector<v1::UpdateReport>> Outbox::After(std::uint64_t seq,
                                                      std::uint64_t limit) const {
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      db_.Query("SELECT report FROM outbox WHERE seq>?1 ORDER BY seq LIMIT ?2",
                {Signed(std::max(seq, acked_seq_)), Signed(limit)}));
  std::vector<v1::UpdateReport> reports(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* bytes = std::get_if<std::string>(&rows[i][0]);
    if (bytes == nullptr || !reports[i].ParseFromString(*bytes)) {
      return DataLoss("agent.db: a report does not parse");
    }
  }
  return reports;
}

StatusOr<std::optional<LineProgress>> Outbox::Progress(const std::string& line) const {
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      db_.Query("SELECT assignment_key, assignment, state FROM progress WHERE line=?1", {line}));
  if (rows.empty()) {
    return std::optional<LineProgress>();
  }
  LineProgress progress;
  const auto* key = std::get_if<std::string>(&rows[0][0]);
  const auto* assignment = std::get_if<std::string>(&rows[0][1]);
  if (key == nullptr || assignment == nullptr ||
      !progress.assignment.ParseFromString(*assignment)) {
    return DataLoss("agent.db: an assignment does not parse");
  }
  progress.key = *key;
  progress.state = static_cast<v1::DeploymentState>(Number(rows[0][2]));
  return std::optional<LineProgress>(std::move(progress));
}

}  // namespace flotilla::agent
