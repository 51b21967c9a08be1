#include "engine/llama/answer_text.h"

#include <string>

#include <gtest/gtest.h>

namespace flotilla::engine {
namespace {

const std::string kReplacement = "\xEF\xBF\xBD";

TEST(AnswerText, ShowsWholeCharactersOnly) {
  AnswerText text({});
  EXPECT_EQ(text.Add("a\xC3"), "a");
  EXPECT_EQ(text.Add("\xA4"), "\xC3\xA4");
  EXPECT_EQ(text.Add("\xF0\x9F"), "");
  EXPECT_EQ(text.Add("\x98\x80!"), "\xF0\x9F\x98\x80!");
  EXPECT_EQ(text.Finish(), "");
}

TEST(AnswerText, ReplacesBytesThatAreNoUtf8) {
  AnswerText text({});
  EXPECT_EQ(text.Add("a\xFF!"), "a" + kReplacement + "!");
  EXPECT_EQ(text.Add("\xC0\x80"), kReplacement + kReplacement);
  EXPECT_EQ(text.Add("\xED\xA0\x80"), kReplacement + kReplacement + kReplacement);
  EXPECT_EQ(text.Add("\xE2\x82"), "");
  EXPECT_EQ(text.Finish(), kReplacement);
}

TEST(AnswerText, EndsBeforeAStopStringThatComesInPieces) {
  AnswerText text({"STOP"});
  EXPECT_EQ(text.Add("go ST"), "go ");
  EXPECT_FALSE(text.stopped());
  EXPECT_EQ(text.Add("OP and more"), "");
  EXPECT_TRUE(text.stopped());
  EXPECT_EQ(text.Add("late"), "");
  EXPECT_EQ(text.Finish(), "");
}

TEST(AnswerText, GivesBackWhatOnlyLookedLikeAStopString) {
  AnswerText text({"STOP", "\n\n"});
  EXPECT_EQ(text.Add("ST"), "");
  EXPECT_EQ(text.Add("AY\n"), "STAY");
  EXPECT_EQ(text.Add("x"), "\nx");
  EXPECT_EQ(text.Add("S"), "");
  EXPECT_EQ(text.Finish(), "S");
}

TEST(AnswerText, EndsAtTheFirstOfSeveralStopStrings) {
  AnswerText text({"later", "soon"});
  EXPECT_EQ(text.Add("a soon b later"), "a ");
  EXPECT_TRUE(text.stopped());
}

}  // namespace
}  // namespace flotilla::engine
