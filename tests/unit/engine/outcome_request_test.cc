#include "engine/worker/outcome_request.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/worker/api_error.h"

namespace flotilla::engine {
namespace {

TEST(OutcomeRequest, SaysWhichAnswerWasSolvedOrNot) {
  const auto solved = ParseOutcomeRequest(R"({"id":"chatcmpl-1","outcome":"solved"})");
  ASSERT_TRUE(solved.ok()) << solved.status();
  EXPECT_EQ(solved->id, "chatcmpl-1");
  EXPECT_EQ(solved->outcome, AnswerOutcome::kSolved);
  EXPECT_EQ(ParseOutcomeRequest(R"({"id":"x","outcome":"not_solved"})")->outcome,
            AnswerOutcome::kNotSolved);
}

TEST(OutcomeRequest, RefusesWhatIsNoSuchRequest) {
  for (const char* body : {"", "[]", "{", "{}", R"({"id":"x"})", R"({"outcome":"solved"})",
                           R"({"id":"","outcome":"solved"})", R"({"id":1,"outcome":"solved"})",
                           R"({"id":"x","outcome":"maybe"})", R"({"id":"x","outcome":true})",
                           R"({"id":"x","outcome":"solved","comment":"the pump was hot"})"}) {
    EXPECT_EQ(ParseOutcomeRequest(body).status().code(), StatusCode::kInvalidArgument) << body;
  }
  const std::string long_id(65, 'a');
  EXPECT_FALSE(ParseOutcomeRequest("{\"id\":\"" + long_id + "\",\"outcome\":\"solved\"}").ok());
}

TEST(OutcomeRequest, IsAnsweredWithWhatWasMarked) {
  EXPECT_EQ(OutcomeBody({"chatcmpl-1", AnswerOutcome::kNotSolved}),
            R"({"id":"chatcmpl-1","object":"outcome","outcome":"not_solved"})");
}

TEST(OutcomeRequest, IsRefusedInTheFormOfOtherErrors) {
  EXPECT_EQ(AnswerNotFound("x").status, 404U);
  EXPECT_EQ(AlreadyMarked("x").status, 409U);
  EXPECT_EQ(ErrorBody(AlreadyMarked("x")),
            R"({"error":{"code":409,"message":"the answer 'x' was marked before",)"
            R"("type":"already_marked"}})");
}

}  // namespace
}  // namespace flotilla::engine
