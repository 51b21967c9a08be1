#include "agent/health/sent_log.h"

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000);

TEST(SentLog, SaysWhatWasSentAndWhatBecameOfIt) {
  const TempDir dir;
  OsDurableFs fs;
  SentLog log(fs, dir.path() / "sent");
  log.Add({2, kStart, absl::Hours(24), 1196}, "taken", kStart + absl::Hours(30));
  EXPECT_EQ("2026-09-22T20:13:20Z ttft_p95_ms window 2026-09-21T14:13:20Z 1d 1196 bytes: taken\n",
            ReadSentLog(dir.path() / "sent"));
}

TEST(SentLog, KeepsTheNewestOverARestart) {
  const TempDir dir;
  OsDurableFs fs;
  for (std::size_t i = 0; i < SentLog::kMaxLines + 10; ++i) {
    SentLog log(fs, dir.path() / "sent");
    log.Add({1, kStart, absl::Hours(1), i}, "taken", kStart);
  }
  const SentLog log(fs, dir.path() / "sent");
  EXPECT_EQ(SentLog::kMaxLines, log.lines().size());
  EXPECT_NE(std::string::npos, log.lines().back().find("265 bytes"));
}

}  // namespace
}  // namespace flotilla::agent
