#include "controller/storage/report_bodies.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <soci/soci.h>

#include "controller/storage/sql_body.h"
#include "controller/storage/sql_rows.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

// New words save this part of what is written, and so many times their own size, at once.
constexpr double kGain = 0.2;
constexpr double kWorth = 16;
// Words that are kept in memory, of 32 KiB each.
constexpr std::size_t kKeptWords = 32;

Status Damaged() {
  return DataLoss("unreadable row in table report_words");
}

// When the newest of them came in.
SqlNumber NewestOf(const SqlBatch& reports) {
  constexpr std::size_t kReceivedAt = 3;
  SqlNumber newest = std::numeric_limits<SqlNumber>::min();
  for (const SqlRow& row : reports.rows) {
    newest = std::max(newest, std::get<SqlNumber>(row[kReceivedAt]));
  }
  return newest;
}

// The words of this number; 0: the newest, none where there are none.
StatusOr<BodyWords> ReadWords(soci::session& session, const SqlDialect& dialect,
                              std::uint64_t number) {
  SqlNumber found = 0;
  const SqlNumber wanted = ToSql(number);
  SqlBody body(session, dialect);
  soci::statement statement =
      (session.prepare << "SELECT id, body FROM report_words WHERE :wanted IN (0, id) ORDER BY id "
                          "DESC LIMIT 1",
       soci::use(wanted), soci::into(found), body.Into());
  statement.execute();
  if (!statement.fetch()) {
    return number == 0 ? StatusOr<BodyWords>(BodyWords()) : Damaged();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string stored, body.Stored("report_words"));
  if (!WordsNumberOf(stored).has_value()) {
    return BodyWords{FromSql(found), stored};
  }
  StatusOr<std::string> text = BodyUnpacker().Unpacked(stored, BodyWords());
  if (text.status().code() == StatusCode::kDataLoss) {
    return Damaged();
  }
  FLOTILLA_RETURN_IF_ERROR(text.status());
  return BodyWords{FromSql(found), *std::move(text)};
}

// Better words for these bodies than `words`; nothing: they would not be worth it.
std::optional<BodyWords> NewWords(const std::vector<std::string_view>& bodies,
                                  const BodyWords& words) {
  BodyWords fresh{words.number + 1, WordsFrom(bodies)};
  if (fresh.text.empty()) {
    return std::nullopt;
  }
  const double before = BodyPacker(words).SizeOf(bodies);
  const double saved = before - BodyPacker(fresh).SizeOf(bodies);
  const auto cost = static_cast<double>(BodyPacker(BodyWords()).Packed(fresh.text).size());
  if (saved < kGain * before || saved < kWorth * cost) {
    return std::nullopt;
  }
  return fresh;
}

}  // namespace

StatusOr<std::string> ReportBodies::Plain(soci::session& session, std::string stored) {
  const std::optional<std::uint64_t> number = WordsNumberOf(stored);
  if (!number.has_value()) {
    return stored;
  }
  auto known = words_.find(*number);
  if (known == words_.end()) {
    BodyWords words;
    if (*number != 0) {
      FLOTILLA_ASSIGN_OR_RETURN(words, ReadWords(session, dialect_, *number));
    }
    if (words_.size() >= kKeptWords) {
      words_.clear();
    }
    known = words_.emplace(*number, std::move(words)).first;
  }
  StatusOr<std::string> body = unpacker_.Unpacked(stored, known->second);
  if (body.status().code() == StatusCode::kDataLoss) {
    return DataLoss("unreadable row in table reports");
  }
  return body;
}

Status ReportBodies::Expire(soci::session& session, Time before, std::size_t limit) {
  const SqlNumber time = UnixMillis(before);
  int expired = 0;
  session << "SELECT COUNT(*) FROM report_words WHERE until < :time", soci::into(expired),
      soci::use(time);
  if (expired == 0) {
    return OkStatus();
  }
  std::vector<SqlRow> kept;  // their keys and bodies
  {
    SqlNumber boot = 0;
    SqlNumber seq = 0;
    std::string device;
    SqlBody body(session, dialect_);
    const SqlNumber most = ToSql(limit);
    soci::statement statement =
        (session.prepare << "SELECT device_id, boot_epoch, seq, body FROM reports WHERE "
                            "received_at / 60000 <= :time / 60000 AND received_at < :time AND "
                            "substr(body, 1, 1) = x'77' AND substr(body, 2, 1) <> x'00' LIMIT "
                            ":most",
         soci::use(time, "time"), soci::use(most, "most"), soci::into(device), soci::into(boot),
         soci::into(seq), body.Into());
    statement.execute();
    while (statement.fetch()) {
      FLOTILLA_ASSIGN_OR_RETURN(std::string stored, body.Stored("reports"));
      FLOTILLA_ASSIGN_OR_RETURN(std::string plain, Plain(session, std::move(stored)));
      kept.push_back({device, boot, seq, std::move(plain)});
    }
  }
  for (const SqlRow& row : kept) {
    soci::blob body(session);
    const auto& plain = std::get<std::string>(row.back());
    body.write(0, plain.data(), plain.size());
    session << "UPDATE reports SET body = :body WHERE device_id = :device AND boot_epoch = :boot "
               "AND seq = :seq",
        soci::use(body), soci::use(std::get<std::string>(row[0])),
        soci::use(std::get<SqlNumber>(row[1])), soci::use(std::get<SqlNumber>(row[2]));
  }
  if (kept.size() < limit) {
    session << "DELETE FROM report_words WHERE until < :time", soci::use(time);
    words_.clear();  // their numbers are given again
  }
  return OkStatus();
}

StatusOr<SqlBatch> PackReports(soci::session& session, const SqlDialect& dialect,
                               const SqlBatch& reports) {
  std::vector<std::string_view> bodies;
  bodies.reserve(reports.rows.size());
  for (const SqlRow& row : reports.rows) {
    bodies.push_back(std::get<std::string>(row.back()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(BodyWords words, ReadWords(session, dialect, 0));
  const SqlNumber until = NewestOf(reports);
  if (std::optional<BodyWords> fresh = NewWords(bodies, words); fresh.has_value()) {
    words = *std::move(fresh);
    const std::string stored = BodyPacker(BodyWords()).Packed(words.text);
    dialect.Write(session, {&WordsTable(), {{ToSql(words.number), until, stored}}});
  } else {
    const SqlNumber number = ToSql(words.number);
    session << "UPDATE report_words SET until = :until WHERE id = :number AND until < :until",
        soci::use(until, "until"), soci::use(number, "number");
  }
  const BodyPacker packer(words);
  SqlBatch packed{reports.table, {}};
  packed.rows.reserve(reports.rows.size());
  for (const SqlRow& row : reports.rows) {
    packed.rows.emplace_back(row.begin(), row.end() - 1);
    packed.rows.back().emplace_back(packer.Packed(std::get<std::string>(row.back())));
  }
  return packed;
}

}  // namespace flotilla::controller
