#include "tests/e2e/support/replay.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "tests/e2e/support/process.h"
#include "tests/e2e/support/sqlite_content.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

// Regular files and folders, with their permissions.
void CopyFolder(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  fs::permissions(to, fs::status(from).permissions());
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (entry.is_directory()) {
      CopyFolder(entry.path(), to / entry.path().filename());
    } else if (entry.is_regular_file()) {
      fs::copy_file(entry.path(), to / entry.path().filename());
    }
  }
}

std::string DatabaseText(const fs::path& file) {
  const auto tables = ReadSqlite(file);
  if (!tables.ok()) {
    return tables.status().ToString();
  }
  std::string text;
  for (const SqliteTable& table : *tables) {
    absl::StrAppend(&text, "table ", table.name, "\n");
    for (const std::vector<std::string>& row : table.rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        absl::StrAppend(&text, table.columns[i], "=", row[i].size(), ":", row[i], "\n");
      }
    }
  }
  return text;
}

// The kernel numbers processes.
std::string WithoutPid(std::string line) {
  constexpr std::string_view kPid = "\"pid\":\"";
  const std::size_t at = line.find(kPid);
  if (at != std::string::npos) {
    const std::size_t begin = at + kPid.size();
    line.erase(begin, line.find('"', begin) - begin);
  }
  return line;
}

// Where two texts part.
std::string Where(const std::string& one, const std::string& other) {
  const auto [a, b] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return absl::StrCat("from byte ", a - one.begin(), " on, of ", one.size(), " and ", other.size());
}

void CompareMaps(const std::string& what, const std::map<std::string, std::string>& one,
                 const std::map<std::string, std::string>& other,
                 std::vector<std::string>& differences) {
  std::set<std::string> names;
  for (const auto* const map : {&one, &other}) {
    for (const auto& [name, content] : *map) {
      names.insert(name);
    }
  }
  for (const std::string& name : names) {
    const auto a = one.find(name);
    const auto b = other.find(name);
    if (a == one.end() || b == other.end()) {
      differences.push_back(absl::StrCat(what, " ", name, ": in one run alone"));
    } else if (a->second != b->second) {
      differences.push_back(absl::StrCat(what, " ", name, ": ", Where(a->second, b->second)));
    }
  }
}

// All of what the health folder ever had written into it. Its `status` is what a person on the
// device is shown and is compared at each moment: how often it was written is a matter of timers.
std::map<std::string, std::string> HealthWrites(const Plaintext& plaintext) {
  std::map<std::string, std::string> writes;
  for (const auto& [path, bytes] : plaintext.files) {
    if (absl::StrContains(path, "/health/") && !absl::StrContains(path, "/health/status")) {
      writes[path] = bytes;
    }
  }
  return writes;
}

std::map<std::string, std::string> CallTexts(const Plaintext& plaintext) {
  std::map<std::string, std::string> texts;
  std::size_t number = 0;
  for (const GrpcCall& call : CallsIn(plaintext)) {
    const std::string name = absl::StrCat(++number, " ", call.method);
    std::string headers;
    for (const auto& [key, value] : call.stream.headers) {
      if (key != "grpc-timeout") {
        absl::StrAppend(&headers, key, ": ", value, "\n");
      }
    }
    texts[absl::StrCat(name, " headers")] = headers;
    texts[absl::StrCat(name, " data")] = call.stream.data;
  }
  for (const std::string& request : HttpRequestsIn(plaintext)) {
    texts[absl::StrCat("request ", ++number)] = request;
  }
  return texts;
}

}  // namespace

SteppedTime::SteppedTime(Time start) {
  std::ofstream(folder_.path() / "micros") << std::string(sizeof(std::int64_t), '\0');
  Set(start);
}

void SteppedTime::Set(Time now) {
  const std::int64_t micros = absl::ToUnixMicros(now);
  std::fstream file(folder_.path() / "micros", std::ios::binary | std::ios::in | std::ios::out);
  file.write(reinterpret_cast<const char*>(&micros), sizeof(micros));
}

std::string SteppedTime::Variable() const {
  return absl::StrCat("FLOTILLA_STEPPED_CLOCK=", (folder_.path() / "micros").string());
}

Past::Past(std::vector<fs::path> folders) : folders_(std::move(folders)) {
  for (std::size_t i = 0; i < folders_.size(); ++i) {
    CopyFolder(folders_[i], CopyOf(i));
  }
}

fs::path Past::CopyOf(std::size_t index) const {
  return copies_.path() / std::to_string(index);
}

void Past::PutBack() const {
  for (std::size_t i = 0; i < folders_.size(); ++i) {
    fs::remove_all(folders_[i]);
    CopyFolder(CopyOf(i), folders_[i]);
  }
}

std::map<std::string, std::string> FolderContent(const fs::path& folder) {
  std::map<std::string, std::string> content;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (!entry.is_regular_file() || name.ends_with("-wal") || name.ends_with("-shm")) {
      continue;  // the log of a database is read with it
    }
    content[name] = IsSqlite(entry.path()) ? DatabaseText(entry.path()) : FileText(entry.path());
  }
  return content;
}

std::vector<std::string> LogLines(const std::string& log) {
  std::vector<std::string> lines;
  std::istringstream text(log);
  for (std::string line; std::getline(text, line);) {
    const std::size_t after_time = line.find("\"level\"");
    lines.push_back(WithoutPid(after_time == std::string::npos ? line : line.substr(after_time)));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> DifferencesOf(const Trace& one, const Trace& other) {
  std::vector<std::string> differences;
  for (const auto& [moment, content] : one.disk) {
    const auto found = other.disk.find(moment);
    CompareMaps(absl::StrCat("disk, ", moment, ","), content,
                found == other.disk.end() ? std::map<std::string, std::string>() : found->second,
                differences);
  }
  CompareMaps("written,", HealthWrites(one.plaintext), HealthWrites(other.plaintext), differences);
  CompareMaps("sent,", CallTexts(one.plaintext), CallTexts(other.plaintext), differences);
  std::vector<std::string> lines;
  std::set_symmetric_difference(one.log.begin(), one.log.end(), other.log.begin(), other.log.end(),
                                std::back_inserter(lines));
  for (const std::string& line : lines) {
    differences.push_back(absl::StrCat("log, in one run alone: ", line));
  }
  return differences;
}

}  // namespace flotilla::e2e
