#include "telemetry/dap/task_configuration.h"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/telemetry/dap/dap_world.h"
#include "tests/unit/telemetry/dap/refusal.h"

namespace flotilla::dap {
namespace {

// Written down from the draft's text by other means than this code; so is the id below.
TEST(TaskConfiguration, HasTheBytesOfTheDraft) {
  EXPECT_EQ(HexEncode(GateConfiguration().Encode()),
            "06676174652037"                                      // task_info
            "001768747470733a2f2f6c65616465722e6578616d706c652f"  // leader
            "001768747470733a2f2f68656c7065722e6578616d706c652f"  // helper
            "0000000000000e10"                                    // time_precision
            "0000000000000064"                                    // min_batch_size
            "01"                                                  // time_interval
            "0000"                                                // batch_config
            "00000004"                                            // Prio3Histogram
            "00080000000500000002"                                // length, chunk_length
            "006b"                                                // extensions
            "00010010000000000007a1200000000000000002"            // task_interval
            "ff4000150100000000000000010000000000000001"          // Laplace, 1 / 1
            "00000002"                                            // looks
            "ff41002d000000010000000101"                          // schema, metric, canary
            "abababababababababababababababababababababababababababababababab"  // release
            "00000000"                                                          // hardware class
            "ff420009000000000000000101");                                      // window, real
}

TEST(TaskConfiguration, ItsIdIsTheHashOfItsBytes) {
  EXPECT_EQ(TaskIdOf(GateConfiguration().Encode()).ToHex(),
            "b776088f5e7f2df89beade96e5afe90dc7d21650771ac43cb589ef92c094a315");
}

TEST(TaskConfiguration, EveryOtherFieldMakesAnotherTask) {
  std::set<TaskId> ids = {TaskIdOf(GateConfiguration().Encode())};
  for (const auto& [field, other] : OtherTasks()) {
    EXPECT_TRUE(other.Check().ok()) << field << other.Check();
    EXPECT_TRUE(ids.insert(TaskIdOf(other.Encode())).second) << field;
    ExpectOnlyTheWhole(other.Encode(), TaskConfiguration::Decode);
  }
}

TEST(TaskConfiguration, IsDecodedWholeOrNotAtAll) {
  ExpectOnlyTheWhole(GateConfiguration().Encode(), TaskConfiguration::Decode);
}

TEST(TaskConfiguration, RefusesWhatThePromisesDoNotAllow) {
  const std::vector<std::pair<const char*, std::function<void(TaskConfiguration&)>>> wrong = {
      {"no task_info", [](TaskConfiguration& t) { t.task_info.clear(); }},
      {"long task_info", [](TaskConfiguration& t) { t.task_info.resize(256); }},
      {"no endpoint", [](TaskConfiguration& t) { t.helper_endpoint.clear(); }},
      {"odd endpoint", [](TaskConfiguration& t) { t.leader_endpoint += '\n'; }},
      {"99 devices", [](TaskConfiguration& t) { t.min_batch_size = 99; }},
      {"a minute", [](TaskConfiguration& t) { t.time_precision = 60; }},
      {"5 s, no demo", [](TaskConfiguration& t) { t.time_precision = kDemoPrecision; }},
      {"no kind", [](TaskConfiguration& t) { t.kind = TaskKind::kUnspecified; }},
      {"33 buckets", [](TaskConfiguration& t) { t.shape = *vdaf::SmallestReportShape(33); }},
      {"other chunk", [](TaskConfiguration& t) { t.shape.chunk_length = 3; }},
      {"no noise", [](TaskConfiguration& t) { t.noise.mechanism = dp::Mechanism::kUnspecified; }},
      {"too little noise",
       [](TaskConfiguration& t) {
         t.noise.parameter = {9, 1};
       }},
      {"more windows than looks", [](TaskConfiguration& t) { t.interval.duration = 3; }},
      {"no window", [](TaskConfiguration& t) { t.window = 0; }},
      {"endless", [](TaskConfiguration& t) { t.interval.start = ~std::uint64_t{0}; }},
      {"no metric", [](TaskConfiguration& t) { t.cohort.metric = 0; }},
      {"no arm", [](TaskConfiguration& t) { t.cohort.arm = Arm::kUnspecified; }},
      {"no schema", [](TaskConfiguration& t) { t.cohort.schema_version = 0; }},
  };
  for (const auto& [what, change] : wrong) {
    TaskConfiguration task = GateConfiguration();
    change(task);
    EXPECT_EQ(task.Check().code(), StatusCode::kInvalidArgument) << what;
    EXPECT_EQ(TaskConfiguration::Decode(task.Encode()).status().code(),
              StatusCode::kInvalidArgument)
        << what;
  }
}

TEST(TaskConfiguration, SecondsAreForDemosAlone) {
  TaskConfiguration task = GateConfiguration();
  task.kind = TaskKind::kDemo;
  task.time_precision = kDemoPrecision;
  EXPECT_TRUE(task.Check().ok());
}

TEST(TaskConfiguration, RefusesAnExtensionThatItDoesNotKnow) {
  Bytes bytes = GateConfiguration().Encode();
  ASSERT_EQ(bytes[bytes.size() - 13], 0xff);
  ASSERT_EQ(bytes[bytes.size() - 12], 0x42);
  bytes[bytes.size() - 12] = 0x43;
  EXPECT_EQ(TaskConfiguration::Decode(bytes).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::dap
