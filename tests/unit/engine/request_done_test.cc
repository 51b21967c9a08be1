#include "engine/worker/request_done.h"

#include <gtest/gtest.h>

#include "engine/worker/busy_meter.h"
#include "engine/worker/event_mail.h"

namespace flotilla::engine {
namespace {

using google::protobuf::FieldDescriptor;

Duration Ms(int millis) {
  return absl::Milliseconds(millis);
}

TEST(RequestDone, TellsTimesFromTheArrivalOnAndTokensAfterTheFirst) {
  Generation generation;
  generation.completion_tokens = 11;
  generation.prompt_time = Ms(100);
  generation.decode_time = Ms(500);
  // It waited 40 ms for its turn.
  const v1::EngineRequestDone done =
      RequestDoneEvent(Ms(1000), Ms(1640), generation).request_done();
  EXPECT_EQ(done.time_to_first_token_us(), 140'000U);
  EXPECT_EQ(done.whole_us(), 640'000U);
  EXPECT_EQ(done.decoded_tokens(), 10U);
  EXPECT_EQ(done.decode_us(), 500'000U);
  EXPECT_EQ(done.tokens(), 11U);
}

TEST(RequestDone, TellsNoFirstTokenWhenThereWasNone) {
  const v1::EngineRequestDone done = RequestDoneEvent(Ms(1), Ms(3), Generation()).request_done();
  EXPECT_EQ(done.time_to_first_token_us(), 0U);
  EXPECT_EQ(done.whole_us(), 2'000U);
  EXPECT_EQ(done.tokens(), 0U);
}

TEST(RequestDone, TellsAFirstTokenThatTookNoTimeAsTheLeastThereIs) {
  Generation generation;
  generation.completion_tokens = 1;
  generation.decode_time = Ms(9);  // longer than the request: clocks of two kinds
  const v1::EngineRequestDone done = RequestDoneEvent(Ms(1), Ms(1), generation).request_done();
  EXPECT_EQ(done.time_to_first_token_us(), 1U);
  EXPECT_EQ(done.decoded_tokens(), 0U);
}

// Nothing of a prompt or an answer fits into it.
TEST(RequestDone, AndTheOutcomeAreMadeOfNumbersAlone) {
  for (const auto* message :
       {v1::EngineRequestDone::descriptor(), v1::EngineOutcome::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      EXPECT_FALSE(field.is_repeated()) << field.full_name();
      EXPECT_TRUE(field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64 ||
                  field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL)
          << field.full_name();
    }
  }
}

TEST(BusyMeter, CountsTimeWithAnyRequestOnce) {
  BusyMeter meter;
  EXPECT_EQ(meter.Total(Ms(5)), Ms(0));
  meter.Begin(Ms(10));
  meter.Begin(Ms(15));
  EXPECT_EQ(meter.Total(Ms(18)), Ms(8));
  meter.End(Ms(20));
  meter.End(Ms(30));
  EXPECT_EQ(meter.Total(Ms(90)), Ms(20));
  meter.Begin(Ms(100));
  meter.End(Ms(101));
  EXPECT_EQ(meter.Total(Ms(200)), Ms(21));
}

TEST(EventMail, KeepsTheOrderAndDropsWhatIsTooMuch) {
  EventMail mail;
  for (std::size_t i = 0; i < EventMail::kMost + 10; ++i) {
    v1::EngineEvent event;
    event.mutable_request_done()->set_tokens(i);
    mail.Add(event);
  }
  const auto taken = mail.Take();
  ASSERT_EQ(taken.size(), EventMail::kMost);
  EXPECT_EQ(taken.front().request_done().tokens(), 0U);
  EXPECT_EQ(taken.back().request_done().tokens(), EventMail::kMost - 1);
  EXPECT_TRUE(mail.Take().empty());
}

}  // namespace
}  // namespace flotilla::engine
