#include "engine/worker/static_engine.h"

#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::engine {
namespace {

TEST(StaticEngine, AnswersEveryPromptWithItsTextWholeInPieces) {
  StaticEngine engine("Please ask a colleague.");
  std::vector<std::string> pieces;
  GenerateRequest request;
  request.prompt = *engine.Tokenise(std::string("pump-07 runs hot"));
  request.max_tokens = 1;
  const auto done = engine.Generate(
      request, [&](std::string_view piece) { pieces.emplace_back(piece); }, std::stop_token());
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(pieces, (std::vector<std::string>{"Please ", "ask ", "a ", "colleague."}));
  EXPECT_EQ(done->finish, FinishReason::kStop);
  EXPECT_EQ(done->prompt_tokens, 3U);
  EXPECT_EQ(done->completion_tokens, 4U);
}

TEST(StaticEngine, CountsAPromptWithoutWordsAsOne) {
  const StaticEngine engine("No.");
  EXPECT_EQ(engine.Tokenise(std::string())->size(), 1U);
  EXPECT_EQ(
      engine.Tokenise(std::vector<ChatMessage>{{"system", "be brief"}, {"user", "why?"}})->size(),
      3U);
}

TEST(StaticEngine, NoticesThatNobodyWantsTheAnswer) {
  StaticEngine engine("No.");
  std::stop_source stop;
  stop.request_stop();
  const auto done = engine.Generate(
      {}, [](std::string_view) {}, stop.get_token());
  EXPECT_EQ(done.status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace flotilla::engine
