#include "engine/worker/api_request.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::engine {
namespace {

std::string WithField(const std::string& field) {
  return R"({"messages":[{"role":"user","content":"hi"}],)" + field + "}";
}

TEST(ApiRequest, ReadsWhatOpenAiClientsSend) {
  const auto request = ParseApiRequest(
      R"({"model":"pump","messages":[{"role":"developer","content":"Be brief."},
          {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}],
          "temperature":0,"top_p":0.5,"top_k":7,"min_p":0.1,"seed":42,"max_tokens":9,
          "stop":["x","y"],"stream":true,"stream_options":{"include_usage":true},
          "user":"passed over","n":1,"logprobs":null})",
      ApiKind::kChat);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->model, "pump");
  const auto& messages = std::get<std::vector<ChatMessage>>(request->prompt);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].role, "system");
  EXPECT_EQ(messages[1].content, "ab");
  EXPECT_EQ(request->sampling.temperature, 0.0F);
  EXPECT_EQ(request->sampling.top_k, 7);
  EXPECT_EQ(request->sampling.seed, 42U);
  EXPECT_EQ(request->max_tokens, 9U);
  EXPECT_EQ(request->stop, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(request->delivery, Delivery::kStream);
  EXPECT_EQ(request->usage, UsageChunk::kSend);
}

TEST(ApiRequest, TakesOneStopStringAndTheNewerLimit) {
  const auto request = ParseApiRequest(
      WithField(R"("stop":"x","max_tokens":1,"max_completion_tokens":2)"), ApiKind::kChat);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->stop, std::vector<std::string>{"x"});
  EXPECT_EQ(request->max_tokens, 2U);
}

TEST(ApiRequest, ReadsAPlainPrompt) {
  const auto request = ParseApiRequest(R"({"prompt":"go on"})", ApiKind::kCompletion);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(std::get<std::string>(request->prompt), "go on");
  EXPECT_FALSE(ParseApiRequest(R"({"prompt":""})", ApiKind::kCompletion).ok());
}

TEST(ApiRequest, RefusesWhatIsNoRequest) {
  for (const char* body : {"", "{", "[]", "null", "{}", R"({"messages":[]})", R"({"messages":{}})",
                           R"({"messages":["x"]})", R"({"messages":[{"content":"x"}]})",
                           R"({"messages":[{"role":"<|im_start|>","content":"x"}]})",
                           R"({"messages":[{"role":"user","content":1}]})",
                           R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}]})"}) {
    EXPECT_EQ(ParseApiRequest(body, ApiKind::kChat).status().code(), StatusCode::kInvalidArgument)
        << body;
  }
}

TEST(ApiRequest, RefusesValuesOutsideTheirRange) {
  for (const char* field :
       {R"("temperature":-1)", R"("temperature":"hot")", R"("top_p":1.5)", R"("top_k":-1)",
        R"("max_tokens":0)", R"("max_tokens":1.5)", R"("stop":"")", R"("stop":[1])",
        R"("stream":"yes")", R"("stream_options":1)", R"("model":7)", R"("seed":1.5)"}) {
    EXPECT_EQ(ParseApiRequest(WithField(field), ApiKind::kChat).status().code(),
              StatusCode::kInvalidArgument)
        << field;
  }
}

TEST(ApiRequest, RefusesWhatItWouldHaveToIgnore) {
  for (const char* field : {R"("n":2)", R"("tools":[{}])", R"("logprobs":true)",
                            R"("response_format":{"type":"json_object"})"}) {
    EXPECT_FALSE(ParseApiRequest(WithField(field), ApiKind::kChat).ok()) << field;
  }
  EXPECT_TRUE(
      ParseApiRequest(WithField(R"("response_format":{"type":"text"},"tools":[])"), ApiKind::kChat)
          .ok());
}

}  // namespace
}  // namespace flotilla::engine
