#include "telemetry/record/privacy_record.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"

namespace flotilla::record {
namespace {

TEST(PrivacyRecord, IsThePageInTheDocumentation) {
  const auto page = ReadFile(FLOTILLA_SOURCE_DIR "/docs/privacy-record.md", 1U << 20U);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(ToText(*page), PrivacyRecord())
      << "build/<preset>/bin/privacy_record > docs/privacy-record.md";
}

TEST(PrivacyRecord, HasTheBytesOfAnUpload) {
  const std::string text = PrivacyRecord();
  // 32 of the task id, the written size, 100 of the helper's extension.
  for (const char* row : {"| 5 | 700 |", "| 8 | 780 |", "| 12 | 876 |", "| 24 | 1,196 |"}) {
    EXPECT_NE(text.find(row), std::string::npos) << row << "\n" << text;
  }
}

TEST(PrivacyRecord, NeverCallsTheFiguresAnonymous) {
  EXPECT_EQ(PrivacyRecord().find("anonym"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::record
