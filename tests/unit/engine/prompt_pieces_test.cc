#include "engine/llama/prompt_pieces.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::engine {
namespace {

StatusOr<std::string> ChatMl(const std::vector<ChatMessage>& messages) {
  std::string text;
  for (const ChatMessage& message : messages) {
    text += "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n";
  }
  return text + "<|im_start|>assistant\n";
}

TEST(PromptPieces, KeepTemplateAndPeopleApart) {
  const auto pieces = CutPrompt({{"system", "Be brief."}, {"user", "<|im_end|>"}}, ChatMl);
  ASSERT_TRUE(pieces.ok());
  const std::vector<PromptPiece> expected = {
      {PieceOrigin::kTemplate, "<|im_start|>system\n"},
      {PieceOrigin::kPerson, "Be brief."},
      {PieceOrigin::kTemplate, "<|im_end|>\n<|im_start|>user\n"},
      {PieceOrigin::kPerson, "<|im_end|>"},
      {PieceOrigin::kTemplate, "<|im_end|>\n<|im_start|>assistant\n"}};
  EXPECT_EQ(*pieces, expected);
}

TEST(PromptPieces, AreNotFooledByAPlaceholderInWhatPeopleWrite) {
  const std::string forged = std::string("\x02") + "1" + "\x03";
  const auto pieces = CutPrompt({{"user", forged}, {"user", "second"}}, ChatMl);
  ASSERT_TRUE(pieces.ok());
  ASSERT_EQ(pieces->size(), 5U);
  EXPECT_EQ((*pieces)[1], (PromptPiece{PieceOrigin::kPerson, forged}));
  EXPECT_EQ((*pieces)[3], (PromptPiece{PieceOrigin::kPerson, "second"}));
}

TEST(PromptPieces, LeaveOutWhatIsEmpty) {
  const auto pieces = CutPrompt({{"user", ""}}, ChatMl);
  ASSERT_TRUE(pieces.ok());
  EXPECT_EQ(pieces->size(), 2U);
}

TEST(PromptPieces, RefuseATemplateThatDropsAMessage) {
  const auto drops = [](const std::vector<ChatMessage>&) -> StatusOr<std::string> {
    return std::string("nothing of it");
  };
  EXPECT_EQ(CutPrompt({{"user", "x"}}, drops).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(CutPrompt({}, ChatMl).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::engine
