#include "agent/state/trust_record.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace flotilla::agent {
namespace {

constexpr char kName[] = "trust";

using Numbers = std::map<std::string, std::int64_t>;

void Put(Numbers& numbers, const std::string& name, const std::optional<Time>& time) {
  if (time.has_value()) {
    numbers[name] = absl::ToUnixSeconds(*time);
  }
}

std::optional<Time> GetTime(const Numbers& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? std::nullopt
                                : std::make_optional(absl::FromUnixSeconds(found->second));
}

std::int64_t GetNumber(const Numbers& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? 0 : found->second;
}

StatusOr<Numbers> ParseNumbers(const std::string& text) {
  Numbers numbers;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    std::int64_t number = 0;
    if (fields.size() != 2 || !absl::SimpleAtoi(fields[1], &number)) {
      return DataLoss("agent.db: trust does not parse");
    }
    numbers[fields[0]] = number;
  }
  return numbers;
}

}  // namespace

StatusOr<TrustRecord> LoadTrustRecord(StateDb& db) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            db.Query("SELECT value FROM meta WHERE name=?1", {std::string(kName)}));
  TrustRecord record;
  if (rows.empty()) {
    return record;
  }
  const auto* text = std::get_if<std::string>(&rows[0][0]);
  FLOTILLA_ASSIGN_OR_RETURN(const Numbers numbers,
                            ParseNumbers(text == nullptr ? std::string() : *text));
  record.refreshed_at = GetTime(numbers, "refreshed_at");
  record.metadata_issued = GetTime(numbers, "metadata_issued");
  record.publisher_issued = GetTime(numbers, "publisher_issued");
  record.publisher_expires = GetTime(numbers, "publisher_expires");
  record.failing_since = GetTime(numbers, "failing_since");
  record.failure_reason = static_cast<int>(GetNumber(numbers, "failure_reason"));
  record.stale = GetNumber(numbers, "stale") != 0;
  record.clock_cause = static_cast<int>(GetNumber(numbers, "clock_cause"));
  return record;
}

Status SaveTrustRecord(StateDb& db, const TrustRecord& record) {
  Numbers numbers;
  Put(numbers, "refreshed_at", record.refreshed_at);
  Put(numbers, "metadata_issued", record.metadata_issued);
  Put(numbers, "publisher_issued", record.publisher_issued);
  Put(numbers, "publisher_expires", record.publisher_expires);
  Put(numbers, "failing_since", record.failing_since);
  numbers["failure_reason"] = record.failure_reason;
  numbers["stale"] = record.stale ? 1 : 0;
  numbers["clock_cause"] = record.clock_cause;
  std::string text;
  for (const auto& [name, number] : numbers) {
    text += name + " " + std::to_string(number) + "\n";
  }
  return db.Run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", {std::string(kName), text});
}

}  // namespace flotilla::agent
