#ifndef FLOTILLA_AGENT_HEALTH_SENT_LOG_H_
#define FLOTILLA_AGENT_HEALTH_SENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/durable_fs.h"
#include "base/time.h"

namespace flotilla::agent {

// What a report was about; it has no field for what it said.
struct ReportSubject {
  std::uint32_t metric = 0;
  Time window_start;
  Duration window;
  std::size_t size_bytes = 0;  // that leave the device; 0: none did
};

// For the person at the device: the last reports, what they were about, how large they were and
// what became of them; never what they said. A text file, a line each, oldest first, replaced
// whole. One thread. A file that cannot be read is begun anew; one that cannot be written is
// logged: nothing depends on it.
class SentLog {
 public:
  static constexpr std::size_t kMaxLines = 256;

  SentLog(DurableFs& fs, std::filesystem::path file);

  // "2026-01-31T23:59:59Z ttft_p95_ms window 2026-01-30T00:00:00Z 1d 1196 bytes: taken"
  void Add(const ReportSubject& report, std::string_view result, Time at);
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  DurableFs& fs_;
  const std::filesystem::path file_;
  std::deque<std::string> lines_;
};

// The file's text; empty when there is none.
std::string ReadSentLog(const std::filesystem::path& file);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_SENT_LOG_H_
