#include "engine/worker/self_test.h"

#include <stop_token>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/os_clock.h"
#include "tests/support/fake_model_engine.h"

namespace flotilla::engine {
namespace {

TEST(GoldenPrompts, AreOneObjectALine) {
  const auto prompts = ParseGolden(
      "{\"prompt\":\"a\",\"expected\":\"B on a\",\"label\":\"B\"}\n\n"
      "{\"prompt\":\"c\",\"label\":\"D\"}");
  ASSERT_TRUE(prompts.ok()) << prompts.status();
  ASSERT_EQ(prompts->size(), 2U);
  EXPECT_EQ((*prompts)[1].label, "D");
}

TEST(GoldenPrompts, NameTheLineThatIsWrong) {
  const auto prompts = ParseGolden("{\"prompt\":\"a\",\"label\":\"B\"}\n{\"prompt\":\"a\"}\n");
  EXPECT_EQ(prompts.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(prompts.status()).find("line 2"), std::string::npos);
  EXPECT_FALSE(ParseGolden("").ok());
}

TEST(GoldenPrompts, LabelIsWhatStandsBeforeOn) {
  EXPECT_EQ(LabelOf("Bearing wear on fan-1: on and on"), "Bearing wear");
  EXPECT_EQ(LabelOf(" no preposition\n"), "no preposition");
  EXPECT_EQ(LabelOf(""), "");
}

TEST(SelfTest, CountsTheAnswersWithTheRightLabel) {
  test::FakeModelEngine model([](const std::string& prompt) {
    return prompt == "a" ? std::string("Hot on a: cool it") : std::string("Cold on b");
  });
  GenerationQueue queue(model, 4);
  const OsClock clock;
  const auto result = RunSelfTest(queue, {{"a", "Hot"}, {"b", "Hot"}, {"c", "Cold"}},
                                  absl::Seconds(60), clock, std::stop_token());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->correct, 2U);
  EXPECT_EQ(result->total, 3U);
}

TEST(SelfTest, GivesUpOnAModelThatHangs) {
  test::FakeModelEngine model;
  model.Hold();
  GenerationQueue queue(model, 4);
  const OsClock clock;
  const auto result =
      RunSelfTest(queue, {{"a", "Hot"}}, absl::Milliseconds(20), clock, std::stop_token());
  EXPECT_EQ(result.status().code(), StatusCode::kDeadlineExceeded);
}

TEST(GenerationQueue, RefusesWhatIsOverItsCapacity) {
  test::FakeModelEngine model;
  GenerationQueue queue(model, 0);
  GenerationJob job;
  job.prompt = std::string("x");
  EXPECT_EQ(queue.Submit(std::move(job), Admission::kClient).code(),
            StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace flotilla::engine
