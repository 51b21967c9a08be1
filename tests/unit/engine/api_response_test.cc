#include "engine/worker/api_response.h"

#include <string>

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "engine/worker/api_error.h"
#include "engine/worker/http_text.h"

namespace flotilla::engine {
namespace {

namespace json = boost::json;

AnswerHead MakeHead(ApiKind kind) {
  return {.kind = kind, .id = "chatcmpl-1", .created = 7, .model = "pump@2.0.0"};
}

Generation MakeGeneration() {
  return {.finish = FinishReason::kLength,
          .prompt_tokens = 3,
          .completion_tokens = 4,
          .prompt_time = absl::Milliseconds(6),
          .decode_time = absl::Milliseconds(2)};
}

json::value DataOf(const std::string& event) {
  EXPECT_TRUE(event.starts_with("data: ")) << event;
  EXPECT_TRUE(event.ends_with("\n\n")) << event;
  return json::parse(event.substr(6));
}

json::value ChoiceOf(const json::value& body) {
  return body.as_object().at("choices").as_array().at(0);
}

std::string TextAt(const json::value& value, const char* key) {
  return std::string(value.as_object().at(key).as_string());
}

TEST(ApiResponse, WholeAnswerHasMessageUsageAndTimings) {
  const json::value body =
      json::parse(WholeBody(MakeHead(ApiKind::kChat), "Fine \"\n", MakeGeneration()));
  EXPECT_EQ(TextAt(body, "object"), "chat.completion");
  EXPECT_EQ(TextAt(body, "model"), "pump@2.0.0");
  EXPECT_EQ(TextAt(ChoiceOf(body).as_object().at("message"), "content"), "Fine \"\n");
  EXPECT_EQ(TextAt(ChoiceOf(body), "finish_reason"), "length");
  EXPECT_EQ(body.as_object().at("usage").as_object().at("total_tokens").as_int64(), 7);
  const json::object& timings = body.as_object().at("timings").as_object();
  EXPECT_DOUBLE_EQ(timings.at("prompt_ms").as_double(), 6.0);
  EXPECT_DOUBLE_EQ(timings.at("predicted_per_second").as_double(), 2000.0);
}

TEST(ApiResponse, StreamIsRoleThenPiecesThenFinishThenUsageThenEnd) {
  const AnswerHead head = MakeHead(ApiKind::kChat);
  const json::value opening = DataOf(OpeningEvent(head));
  EXPECT_EQ(TextAt(opening, "object"), "chat.completion.chunk");
  EXPECT_EQ(TextAt(ChoiceOf(opening).as_object().at("delta"), "role"), "assistant");
  EXPECT_TRUE(ChoiceOf(opening).as_object().at("finish_reason").is_null());
  const json::value piece = DataOf(PieceEvent(head, "a\nb"));
  EXPECT_EQ(TextAt(ChoiceOf(piece).as_object().at("delta"), "content"), "a\nb");
  const json::value closing = DataOf(ClosingEvent(head, MakeGeneration()));
  EXPECT_TRUE(ChoiceOf(closing).as_object().at("delta").as_object().empty());
  EXPECT_EQ(TextAt(ChoiceOf(closing), "finish_reason"), "length");
  EXPECT_TRUE(closing.as_object().contains("timings"));
  const json::value usage = DataOf(UsageEvent(head, MakeGeneration()));
  EXPECT_TRUE(usage.as_object().at("choices").as_array().empty());
  EXPECT_EQ(usage.as_object().at("usage").as_object().at("prompt_tokens").as_int64(), 3);
  EXPECT_EQ(EndEvent(), "data: [DONE]\n\n");
}

TEST(ApiResponse, CompletionsHaveTextInPlaceOfMessages) {
  const AnswerHead head = MakeHead(ApiKind::kCompletion);
  EXPECT_EQ(OpeningEvent(head), "");
  EXPECT_EQ(TextAt(ChoiceOf(DataOf(PieceEvent(head, "x"))), "text"), "x");
  const json::value body = json::parse(WholeBody(head, "x", MakeGeneration()));
  EXPECT_EQ(TextAt(body, "object"), "text_completion");
  EXPECT_EQ(TextAt(ChoiceOf(body), "text"), "x");
}

TEST(ApiResponse, ModelsListTheOwnModelAndTheSiblings) {
  const json::value body = json::parse(ModelsBody("pump@2.0.0", {}, {"fan"}, 7));
  const json::array& data = body.as_object().at("data").as_array();
  EXPECT_EQ(TextAt(data.at(0), "id"), "pump@2.0.0");
  EXPECT_TRUE(data.at(0).as_object().contains("meta"));
  EXPECT_EQ(TextAt(data.at(1), "id"), "fan");
}

TEST(ApiResponse, ErrorsAreInOpenAisForm) {
  const json::value body = json::parse(ErrorBody(ContextExceeded(600, 512)));
  const json::object& error = body.as_object().at("error").as_object();
  EXPECT_EQ(error.at("code").as_int64(), 400);
  EXPECT_EQ(error.at("type").as_string(), "exceed_context_size_error");
  EXPECT_EQ(error.at("n_prompt_tokens").as_int64(), 600);
  EXPECT_EQ(error.at("n_ctx").as_int64(), 512);
  EXPECT_EQ(FromStatus(ResourceExhausted("full")).status, 429U);
  EXPECT_EQ(FromStatus(InvalidArgument("x")).status, 400U);
  EXPECT_EQ(FromStatus(Internal("x")).status, 500U);
}

TEST(HttpText, StreamIsChunkedForHttp11Only) {
  EXPECT_EQ(StreamPart(HttpVersion::k11, "0123456789abcdef!"), "11\r\n0123456789abcdef!\r\n");
  EXPECT_EQ(StreamPart(HttpVersion::k11, ""), "");
  EXPECT_EQ(StreamEnd(HttpVersion::k11), "0\r\n\r\n");
  EXPECT_EQ(StreamPart(HttpVersion::k10, "x"), "x");
  EXPECT_NE(StreamHead(HttpVersion::k10, After::kKeep).find("Connection: close"),
            std::string::npos);
}

}  // namespace
}  // namespace flotilla::engine
