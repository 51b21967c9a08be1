#include "tests/conformance/vdaf/vector_folder.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include <boost/json.hpp>

#include "base/status.h"
#include "tests/conformance/vdaf/json_reading.h"
#include "tests/conformance/vdaf/prio3_replay.h"
#include "tests/conformance/vdaf/prio3_vector.h"
#include "tests/conformance/vdaf/xof_replay.h"

namespace flotilla::conformance {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

StatusOr<std::vector<fs::path>> VectorFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".json") files.push_back(it->path());
  }
  if (error) return Status(StatusCode::kNotFound, "cannot be read: " + error.message());
  if (files.empty()) return NotFound("holds no *.json");
  std::sort(files.begin(), files.end());
  return files;
}

StatusOr<Texts> ReplayPrio3(Prio3Kind kind, const boost::json::object& object) {
  FLOTILLA_ASSIGN_OR_RETURN(const Prio3Vector vector, ParsePrio3Vector(kind, object));
  return Prio3Replay(vector).Run();
}

// UNIMPLEMENTED: a vector of something else.
StatusOr<Texts> ReplayFile(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool known = name.starts_with("Prio3Count_") || name.starts_with("Prio3Histogram_") ||
                     name.starts_with("XofTurboShake128") || name.starts_with("turboshake128");
  if (!known) return Unimplemented("skipped, not implemented here");
  FLOTILLA_ASSIGN_OR_RETURN(const boost::json::object object, ReadVectorFile(path));
  if (name.starts_with("Prio3Count_")) return ReplayPrio3(Prio3Kind::kCount, object);
  if (name.starts_with("Prio3Histogram_")) return ReplayPrio3(Prio3Kind::kHistogram, object);
  if (name.starts_with("Xof")) return ReplayXof(object);
  return ReplayTurboShake(object);
}

enum class FileResult { kUnspecified = 0, kRun, kSkipped, kUnreadable };

// Runs one file and writes down what came of it.
FileResult ReplayInto(const fs::path& path, FolderReport& report) {
  const std::string name = path.filename().string();
  const StatusOr<Texts> failures = ReplayFile(path);
  if (failures.ok()) {
    for (const std::string& text : *failures) report.text.append(name + ": ").append(text + "\n");
    ++(failures->empty() ? report.passed : report.failed);
    return FileResult::kRun;
  }
  if (failures.status().code() == StatusCode::kUnimplemented) {
    report.text.append("SKIPPED " + name + ": ").append(MessageOf(failures.status()) + "\n");
    ++report.skipped;
    return FileResult::kSkipped;
  }
  report.text.append(name + ": cannot be read: ").append(failures.status().ToString() + "\n");
  ++report.failed;
  return FileResult::kUnreadable;
}

}  // namespace

FolderReport ReplayFolder(const fs::path& folder) {
  FolderReport report;
  const StatusOr<std::vector<fs::path>> files = VectorFiles(folder);
  if (!files.ok()) {
    report.result = FolderResult::kUnreadable;
    report.text = folder.string() + " " + MessageOf(files.status()) + "\n";
    return report;
  }
  int unreadable = 0;
  for (const fs::path& path : *files) {
    if (ReplayInto(path, report) == FileResult::kUnreadable) ++unreadable;
  }
  if (report.failed > unreadable) {
    report.result = FolderResult::kMismatch;
  } else if (unreadable > 0 || report.passed == 0) {
    report.result = FolderResult::kUnreadable;
    if (report.passed + report.failed == 0) report.text += "no vector was run\n";
  }
  report.text +=
      std::to_string(report.passed) + " passed, " + std::to_string(report.failed) + " failed\n";
  return report;
}

}  // namespace flotilla::conformance
