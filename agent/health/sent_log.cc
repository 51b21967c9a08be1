#include "agent/health/sent_log.h"

#include <cstdint>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/file.h"
#include "base/log.h"
#include "telemetry/schema/registry.h"

namespace flotilla::agent {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{256} * 1024;

}  // namespace

std::string ReadSentLog(const std::filesystem::path& file) {
  const StatusOr<Bytes> bytes = ReadFile(file, kMaxFileBytes);
  return bytes.ok() ? ToText(*bytes) : std::string();
}

SentLog::SentLog(DurableFs& fs, std::filesystem::path file) : fs_(fs), file_(std::move(file)) {
  std::istringstream text(ReadSentLog(file_));
  for (std::string line; std::getline(text, line);) {
    lines_.push_back(line);
  }
}

void SentLog::Add(const ReportSubject& report, std::string_view result, Time at) {
  const schema::Metric* const metric = schema::FindMetric(report.metric);
  std::ostringstream line;
  line << UtcText(at) << ' ' << (metric == nullptr ? "unknown" : metric->name) << " window "
       << UtcText(report.window_start) << ' ' << DurationText(report.window) << ' '
       << report.size_bytes << " bytes: " << result;
  lines_.push_back(line.str());
  while (lines_.size() > kMaxLines) {
    lines_.pop_front();
  }
  const std::string text = absl::StrCat(absl::StrJoin(lines_, "\n"), "\n");
  if (const Status written = DurableWrite(fs_, file_, AsBytes(text)); !written.ok()) {
    LogStatus(LogLevel::kWarning, "health.sent_log_not_written", written);
  }
}

}  // namespace flotilla::agent
