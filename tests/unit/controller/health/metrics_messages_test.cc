// What a device can put into the messages that carry its health.

#include <gtest/gtest.h>

#include "flotilla/v1/metrics.pb.h"
#include "google/protobuf/descriptor.h"

#include "tests/support/health_message_rules.h"

namespace flotilla::controller {
namespace {

TEST(MetricsMessages, HoldNumbersEnumerationsAndOneBytesWhoseLengthIsCompared) {
  const google::protobuf::ServiceDescriptor* const service =
      v1::UploadRequest::descriptor()->file()->FindServiceByName("MetricsService");
  ASSERT_NE(service, nullptr);
  EXPECT_EQ(BreaksOfHealthRules(*service, {.bytes_fields = 1}), std::vector<std::string>());
}

TEST(MetricsMessages, AskForTasksWithANumberAlone) {
  EXPECT_EQ(BreaksOfHealthRules(*v1::GetHealthTasksRequest::descriptor(), {.bytes_fields = 0}),
            std::vector<std::string>());
}

}  // namespace
}  // namespace flotilla::controller
