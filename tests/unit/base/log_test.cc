#include "base/log.h"

#include <string>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

// What `write` put on stderr.
template <typename F>
std::string Stderr(F write) {
  testing::internal::CaptureStderr();
  write();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonObjectALine) {
  StartLog("agent", LogLevel::kInfo, LogForm::kJson);
  const std::string line = Stderr([] { LogInfo("update.step_failed", {{"step", "fetch"}}); });
  EXPECT_EQ(line.substr(0, 9), R"({"time":")");
  EXPECT_NE(
      line.find(R"("level":"info","program":"agent","event":"update.step_failed","step":"fetch"})"
                "\n"),
      std::string::npos)
      << line;
}

TEST(Log, EscapesWhatWouldBreakAJsonLine) {
  StartLog("agent", LogLevel::kInfo, LogForm::kJson);
  const std::string line = Stderr([] { LogInfo("e", {{"text", "a\"b\\c\nd"}}); });
  EXPECT_NE(line.find(R"("text":"a\"b\\c\u000ad")"), std::string::npos) << line;
}

TEST(Log, QuotesTextFieldsWithSpaces) {
  StartLog("agent", LogLevel::kInfo, LogForm::kText);
  const std::string line = Stderr([] {
    LogWarning("session.lost", {{"cause", "no route"}, {"after_ms", 12}});
  });
  EXPECT_NE(line.find("agent session.lost cause=\"no route\" after_ms=12\n"), std::string::npos)
      << line;
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  StartLog("agent", LogLevel::kWarning, LogForm::kText);
  EXPECT_EQ(Stderr([] { LogInfo("quiet"); }), "");
  EXPECT_NE(Stderr([] { LogError("loud"); }), "");
}

TEST(Log, ShowsCodeAndTextOfAStatus) {
  StartLog("agent", LogLevel::kInfo, LogForm::kText);
  const std::string line =
      Stderr([] { LogStatus(LogLevel::kError, "store.failed", DataLoss("bad page")); });
  EXPECT_NE(line.find("store.failed code=DATA_LOSS text=\"bad page\""), std::string::npos) << line;
}

TEST(Log, ShowsTheReasonOfAStatusThatHasOne) {
  StartLog("agent", LogLevel::kInfo, LogForm::kText);
  const std::string line = Stderr([] {
    LogStatus(LogLevel::kError, "enrolment.failed", WithReasonNumber(Unauthenticated("used"), 803));
  });
  EXPECT_NE(line.find("enrolment.failed code=UNAUTHENTICATED reason=803 text=used"),
            std::string::npos)
      << line;
}

}  // namespace
}  // namespace flotilla
