#include "tests/e2e/support/device_values.h"

#include <algorithm>
#include <array>
#include <functional>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "tests/e2e/support/process.h"
#include "tests/e2e/support/sqlite_content.h"
#include "tests/support/canary_search.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Of random bytes so many are nowhere by chance.
constexpr std::size_t kSearched = 16;
constexpr std::array kSecret = {"leader_measurement", "helper_measurement", "leader_blind",
                                "helper_seed", "helper_blind"};
constexpr std::array kTelling = {"bucket", "vote", "value", "metric", "measure", "share"};

StatusOr<std::string> FieldOf(const json::value& line, const char* name) {
  const json::value* const field = line.is_object() ? line.as_object().if_contains(name) : nullptr;
  if (field == nullptr || !field->is_string()) {
    return InvalidArgument(absl::StrCat("no ", name));
  }
  return std::string(field->as_string());
}

Status AddForms(const std::string& hex, const std::string& name, ByteSearch& search) {
  const std::string bytes = absl::HexStringToBytes(hex).substr(0, kSearched);
  for (const auto& [form, pattern] : FormsOf(bytes)) {
    if (!search.Add(pattern, absl::StrCat(name, " ", form))) {
      return InvalidArgument(absl::StrCat(name, " is too short"));
    }
  }
  return OkStatus();
}

std::vector<fs::path> FilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  return files;
}

void ForEachTable(const fs::path& folder,
                  const std::function<void(const std::string& place, const SqliteTable&)>& look) {
  for (const fs::path& file : FilesBelow(folder)) {
    if (!IsSqlite(file)) {
      continue;
    }
    const StatusOr<std::vector<SqliteTable>> tables = ReadSqlite(file);
    if (!tables.ok()) {
      look(absl::StrCat(file.string(), " cannot be read"), {});
      continue;
    }
    for (const SqliteTable& table : *tables) {
      look(absl::StrCat(file.string(), " table ", table.name), table);
    }
  }
}

bool IsTelling(const std::string& column) {
  return std::any_of(kTelling.begin(), kTelling.end(),
                     [&](const char* word) { return absl::StrContains(column, word); });
}

}  // namespace

StatusOr<DeviceValues> DeviceValues::Read(const fs::path& secrets) {
  DeviceValues values;
  std::istringstream lines(FileText(secrets));
  for (std::string text; std::getline(lines, text);) {
    boost::system::error_code error;
    const json::value line = json::parse(text, error);
    FLOTILLA_ASSIGN_OR_RETURN(const std::string device, FieldOf(line, "device"));
    values.names_.insert(device);
    for (const char* const secret : kSecret) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::string hex, FieldOf(line, secret));
      FLOTILLA_RETURN_IF_ERROR(AddForms(hex, absl::StrCat(device, " ", secret), values.values_));
    }
    FLOTILLA_ASSIGN_OR_RETURN(const std::string seed, FieldOf(line, "helper_seed"));
    values.sample_ = absl::HexStringToBytes(seed);
    FLOTILLA_ASSIGN_OR_RETURN(const std::string vote, FieldOf(line, "one_hot"));
    for (const auto& [form, pattern] : FormsOf(absl::HexStringToBytes(vote))) {
      values.votes_.insert(pattern);
    }
    FLOTILLA_ASSIGN_OR_RETURN(const std::string id, FieldOf(line, "report_id"));
    if (!values.report_ids_.Add(absl::HexStringToBytes(id), device)) {
      return InvalidArgument("a report id is too short");
    }
  }
  return values;
}

std::vector<std::string> DeviceValues::FindValues(const fs::path& folder) const {
  std::vector<std::string> finds;
  for (const fs::path& file : FilesBelow(folder)) {
    for (const std::string& found : values_.In(FileText(file))) {
      finds.push_back(absl::StrCat(file.string(), ": ", found));
    }
  }
  ForEachTable(folder, [&](const std::string& place, const SqliteTable& table) {
    for (const std::vector<std::string>& row : table.rows) {
      for (const std::string& value : row) {
        if (std::any_of(votes_.begin(), votes_.end(),
                        [&](const std::string& vote) { return absl::StrContains(value, vote); })) {
          finds.push_back(absl::StrCat(place, ": a vote"));
        }
      }
    }
    if (table.columns.empty()) {
      finds.push_back(place);
    }
  });
  return finds;
}

std::vector<std::string> DeviceValues::FindPairings(const fs::path& folder) const {
  std::vector<std::string> finds;
  ForEachTable(folder, [&](const std::string& place, const SqliteTable& table) {
    const bool telling = std::any_of(table.columns.begin(), table.columns.end(), IsTelling);
    for (const std::vector<std::string>& row : table.rows) {
      const bool named = std::any_of(row.begin(), row.end(), [&](const std::string& value) {
        return names_.contains(value) || absl::StrContains(value, names_.begin()->substr(0, 4));
      });
      if (!named) {
        continue;
      }
      const bool report = std::any_of(row.begin(), row.end(), [&](const std::string& value) {
        return !report_ids_.In(value).empty();
      });
      if (telling || report) {
        finds.push_back(absl::StrCat(place, " names a device beside ",
                                     report ? "its report" : "what may be a value"));
        return;
      }
    }
  });
  return finds;
}

std::size_t DeviceValues::FindReportIds(const fs::path& folder) const {
  std::set<std::string> found;
  for (const fs::path& file : FilesBelow(folder)) {
    found.merge(report_ids_.In(FileText(file)));
  }
  return found.size();
}

}  // namespace flotilla::e2e
