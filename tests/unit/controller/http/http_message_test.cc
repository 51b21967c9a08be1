#include "controller/http/http_message.h"

#include <string>
#include <variant>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::http {
namespace {

TEST(PercentDecoding, DecodesEscapesAndRefusesBrokenOnes) {
  EXPECT_EQ(PercentDecode("a%20b%2Fc"), "a b/c");
  EXPECT_EQ(PercentDecode("a%2"), std::nullopt);
  EXPECT_EQ(PercentDecode("%zz"), std::nullopt);
  EXPECT_EQ(PercentDecode("%00"), std::nullopt);
}

TEST(QueryParsing, ReadsPairsAndLeavesOutBrokenOnes) {
  const auto query = ParseQuery("page_size=2&page_token=a%2Db&x&=1&bad=%");
  EXPECT_EQ(query.at("page_size"), "2");
  EXPECT_EQ(query.at("page_token"), "a-b");
  EXPECT_EQ(query.at("x"), "");
  EXPECT_EQ(query.size(), 3U);
}

TEST(ProblemDocument, CarriesTheTypedReasonByNameAndNumber) {
  const Response response = ProblemResponse(
      WithReason(PermissionDenied("two \"keys\""), v1::FAILURE_REASON_TRUST_THRESHOLD));
  EXPECT_EQ(response.status, 403U);
  const auto& body = std::get<std::string>(response.body);
  EXPECT_NE(body.find(R"("reason":"FAILURE_REASON_TRUST_THRESHOLD")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("reason_number":301)"), std::string::npos) << body;
  EXPECT_NE(body.find(R"(two \"keys\")"), std::string::npos) << body;
}

}  // namespace
}  // namespace flotilla::http
