#include "agent/state/silence_record.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace flotilla::agent {
namespace {

constexpr char kName[] = "silence";

}  // namespace

StatusOr<SilenceRecord> LoadSilenceRecord(StateDb& db) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            db.Query("SELECT value FROM meta WHERE name=?1", {std::string(kName)}));
  SilenceRecord record;
  if (rows.empty()) {
    return record;
  }
  const auto* text = std::get_if<std::string>(&rows[0][0]);
  const std::vector<std::string> fields =
      absl::StrSplit(text == nullptr ? std::string() : *text, ' ');
  std::int64_t heard = 0;
  std::int64_t silent = 0;
  if (fields.size() != 2 || !absl::SimpleAtoi(fields[0], &heard) ||
      !absl::SimpleAtoi(fields[1], &silent) || silent < 0) {
    return DataLoss("agent.db: silence does not parse");
  }
  record.heard_at = absl::FromUnixSeconds(heard);
  record.silent = absl::Seconds(silent);
  return record;
}

Status SaveSilenceRecord(StateDb& db, const SilenceRecord& record) {
  const std::string text =
      absl::StrCat(absl::ToUnixSeconds(record.heard_at.value_or(absl::UnixEpoch())), " ",
                   absl::ToInt64Seconds(record.silent));
  return db.Run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", {std::string(kName), text});
}

}  // namespace flotilla::agent
