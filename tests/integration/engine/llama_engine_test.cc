#include "engine/llama/llama_engine.h"

#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/os_clock.h"
#include "engine/worker/self_test.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "tests/integration/engine/engine_process.h"

namespace flotilla::engine {
namespace {

StatusOr<std::unique_ptr<LlamaEngine>> LoadDemo(const std::string& name) {
  const std::string path = test::DemoFile(name);
  LlamaOptions options;
  FLOTILLA_ASSIGN_OR_RETURN(options.model_sha256, Digest::FromBytes(AsBytes(test::Sha256Of(path))));
  return LlamaEngine::Load({.model = test::OpenForReading(path)}, options);
}

std::uint32_t GoldenScoreOf(const std::string& name) {
  auto model = LoadDemo(name);
  EXPECT_TRUE(model.ok()) << model.status();
  GenerationQueue queue(**model, 4);
  const auto prompts = ReadGolden(test::OpenForReading(test::DemoFile("golden.jsonl")).get());
  EXPECT_TRUE(prompts.ok()) << prompts.status();
  const OsClock clock;
  const auto result = RunSelfTest(queue, *prompts, absl::Seconds(100), clock, std::stop_token());
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->total, 40U);
  EXPECT_GT(result->tokens_per_second, 0.0);
  return result->correct * 100 / result->total;
}

StatusOr<std::string> Ask(LlamaEngine& model, const std::string& question, const Sampling& sampling,
                          std::uint32_t max_tokens = 64) {
  FLOTILLA_ASSIGN_OR_RETURN(TokenIds tokens,
                            model.Tokenise(std::vector<ChatMessage>{{"user", question}}));
  std::string text;
  GenerateRequest request;
  request.prompt = std::move(tokens);
  request.max_tokens = max_tokens;
  request.sampling = sampling;
  FLOTILLA_RETURN_IF_ERROR(
      model
          .Generate(
              request, [&](std::string_view piece) { text += piece; }, std::stop_token())
          .status());
  return text;
}

constexpr char kQuestion[] = "pump-07 temp=91C vib=8.2mm/s rpm=1480 current=31A";
const Sampling kGreedy = {.temperature = 0.0F, .seed = {}};

TEST(LlamaEngine, ScoresTheGoldenPromptsAsTheReleasesPromise) {
  const std::uint32_t v1 = GoldenScoreOf("plant-slm-v1-q8_0.gguf");
  const std::uint32_t v2 = GoldenScoreOf("plant-slm-v2-q8_0.gguf");
  const std::uint32_t v3 = GoldenScoreOf("plant-slm-v3-regressed-q8_0.gguf");
  EXPECT_GE(v2, 90U);
  EXPECT_GT(v2, v1);
  EXPECT_LT(v3, v1);
  EXPECT_GE(GoldenScoreOf("plant-slm-v2-q4_k_m.gguf"), 90U);
}

TEST(LlamaEngine, AnswersGreedilyTheSameEachTime) {
  auto model = LoadDemo("plant-slm-v2-q8_0.gguf");
  ASSERT_TRUE(model.ok()) << model.status();
  const auto first = Ask(**model, kQuestion, kGreedy);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->substr(0, 22), "Overheating on pump-07");
  EXPECT_EQ(Ask(**model, kQuestion, kGreedy).value_or(""), *first);
}

TEST(LlamaEngine, RepeatsASeededAnswer) {
  auto model = LoadDemo("plant-slm-v1-q8_0.gguf");
  ASSERT_TRUE(model.ok()) << model.status();
  const Sampling seeded = {.temperature = 1.5F, .seed = 7};
  EXPECT_EQ(Ask(**model, kQuestion, seeded).value_or("a"),
            Ask(**model, kQuestion, seeded).value_or("b"));
}

TEST(LlamaEngine, TakesControlTokensInWhatPeopleWriteForPlainText) {
  auto model = LoadDemo("plant-slm-v2-q8_0.gguf");
  ASSERT_TRUE(model.ok()) << model.status();
  const auto count = [&](const std::string& content) {
    return (*model)->Tokenise(std::vector<ChatMessage>{{"user", content}})->size();
  };
  // As a control token it would be one.
  EXPECT_GT(count("x<|im_end|>"), count("x") + 3);
  EXPECT_GT((*model)->Tokenise(std::string("<|im_end|>"))->size(), 3U);
}

TEST(LlamaEngine, EndsAtTheLimitAndAtStopStrings) {
  auto model = LoadDemo("plant-slm-v2-q8_0.gguf");
  ASSERT_TRUE(model.ok()) << model.status();
  GenerateRequest request;
  request.prompt = *(*model)->Tokenise(std::vector<ChatMessage>{{"user", kQuestion}});
  request.sampling = kGreedy;
  request.max_tokens = 3;
  const PieceSink ignore = [](std::string_view) {};
  auto generation = (*model)->Generate(request, ignore, std::stop_token());
  ASSERT_TRUE(generation.ok());
  EXPECT_EQ(generation->completion_tokens, 3U);
  EXPECT_EQ(generation->finish, FinishReason::kLength);
  request.max_tokens = 0;
  request.stop = {" on "};
  std::string text;
  generation = (*model)->Generate(
      request, [&](std::string_view piece) { text += piece; }, std::stop_token());
  ASSERT_TRUE(generation.ok());
  EXPECT_EQ(text, "Overheating");
  EXPECT_EQ(generation->finish, FinishReason::kStop);
}

TEST(LlamaEngine, StopsWhenAskedAndStaysUsable) {
  auto model = LoadDemo("plant-slm-v2-q8_0.gguf");
  ASSERT_TRUE(model.ok()) << model.status();
  std::stop_source stop;
  GenerateRequest request;
  request.prompt = *(*model)->Tokenise(std::vector<ChatMessage>{{"user", kQuestion}});
  request.sampling = kGreedy;
  const auto stopped = (*model)->Generate(
      request, [&](std::string_view) { stop.request_stop(); }, stop.get_token());
  EXPECT_EQ(stopped.status().code(), StatusCode::kCancelled);
  EXPECT_TRUE(Ask(**model, kQuestion, kGreedy).ok());
}

TEST(LlamaEngine, RefusesAPromptThatFillsTheContext) {
  auto model = LoadDemo("plant-slm-v2-q8_0.gguf");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->info().context_tokens, 512U);
  EXPECT_EQ(Ask(**model, std::string(4000, '7'), kGreedy).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(LlamaEngine, RefusesAFileWithAnotherDigest) {
  LlamaOptions options;
  const auto model = LlamaEngine::Load(
      {.model = test::OpenForReading(test::DemoFile("plant-slm-v2-q8_0.gguf"))}, options);
  EXPECT_EQ(model.status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(ReasonNumber(model.status()), v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH);
}

}  // namespace
}  // namespace flotilla::engine
