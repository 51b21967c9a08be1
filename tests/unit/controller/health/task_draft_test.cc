#include "controller/health/task_draft.h"

#include <string>

#include <gtest/gtest.h>

#include "telemetry/dap/task.h"
#include "telemetry/schema/registry.h"
#include "tests/support/seeded_random.h"

namespace flotilla::controller {
namespace {

const TaskEndpoints kEndpoints{"leader:7442", "helper:7446"};

Time At(const char* text) {
  return *ParseUtcText(text);
}

TaskAsk Ask(std::string_view metric, std::uint64_t devices) {
  TaskAsk ask;
  ask.metric = schema::FindMetric(metric);
  ask.line = "pump";
  ask.version = "2.0.0";
  ask.cohort_devices = devices;
  return ask;
}

StatusOr<dap::TaskConfiguration> Draft(const TaskAsk& ask,
                                       const char* now = "2026-03-01T12:34:56Z") {
  SeededRandom random(3);
  return DraftTask(ask, kEndpoints, At(now), random);
}

TEST(TaskDraft, OfAGateHasTwoWindowsOfSixHoursFromTheNextBoundaryOn) {
  const auto draft = Draft(Ask("gate_verdict", 100));
  ASSERT_TRUE(draft.ok()) << draft.status();
  const auto task = dap::Task::Create(*draft);
  EXPECT_EQ(task->StartOf(draft->interval.start), At("2026-03-01T18:00:00Z"));
  EXPECT_EQ(task->WindowLength(), absl::Hours(6));
  EXPECT_EQ(draft->noise.looks, 2U);
  EXPECT_EQ(draft->time_precision, dap::kHour);
  EXPECT_EQ(draft->min_batch_size, 100U);
  EXPECT_EQ(draft->helper_endpoint, "helper:7446");
}

TEST(TaskDraft, LeavesDevicesTenMinutesToLearnOfIt) {
  EXPECT_EQ(Draft(Ask("gate_verdict", 100), "2026-03-01T17:49:59Z")->interval.start * dap::kHour,
            static_cast<std::uint64_t>(absl::ToUnixSeconds(At("2026-03-01T18:00:00Z"))));
  EXPECT_EQ(Draft(Ask("gate_verdict", 100), "2026-03-01T17:50:00Z")->interval.start * dap::kHour,
            static_cast<std::uint64_t>(absl::ToUnixSeconds(At("2026-03-01T18:00:00Z"))));
  EXPECT_EQ(Draft(Ask("gate_verdict", 100), "2026-03-01T17:50:01Z")->interval.start * dap::kHour,
            static_cast<std::uint64_t>(absl::ToUnixSeconds(At("2026-03-02T00:00:00Z"))));
}

TEST(TaskDraft, OfAPrivateGateHasTheLooksAndTheHoursItAsksFor) {
  TaskAsk ask = Ask("gate_verdict", 100);
  ask.looks = 1;
  ask.begin = At("2026-03-01T18:00:00Z");
  const auto late = Draft(ask, "2026-03-01T17:54:59Z");
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->noise.looks, 1U);
  EXPECT_EQ(late->interval.duration, late->window);
  EXPECT_EQ(late->interval.start * dap::kHour,
            static_cast<std::uint64_t>(absl::ToUnixSeconds(At("2026-03-01T18:00:00Z"))));
  const auto too_late = Draft(ask, "2026-03-01T17:55:01Z");
  EXPECT_EQ(too_late->interval.start * dap::kHour,
            static_cast<std::uint64_t>(absl::ToUnixSeconds(At("2026-03-02T00:00:00Z"))));
  ask.looks = 3;
  EXPECT_EQ(Draft(ask)->noise.looks, 2U) << "never more than the tier";
}

TEST(TaskDraft, OfAHistogramFollowsTheTierOfTheCohort) {
  const auto small = Draft(Ask("ttft_p95_ms", 1'000));
  ASSERT_TRUE(small.ok()) << small.status();
  EXPECT_EQ(small->window * small->time_precision, 30 * dap::kDay);
  EXPECT_EQ(small->noise.mechanism, dp::Mechanism::kDiscreteLaplace);
  const auto large = Draft(Ask("ttft_p95_ms", 10'000));
  ASSERT_TRUE(large.ok()) << large.status();
  EXPECT_EQ(large->window * large->time_precision, 7 * dap::kDay);
  EXPECT_EQ(large->noise.parameter, (dp::Fraction{20, 1}));
  EXPECT_EQ(Draft(Ask("ttft_p95_ms", 100'000))->noise.parameter, (dp::Fraction{50, 1}));
}

TEST(TaskDraft, SaysHowSmallACohortIsAndFromWhichSizeOn) {
  const auto gate = Draft(Ask("gate_verdict", 99));
  EXPECT_EQ(gate.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(gate.status())
                .find("pump 2.0.0 has 99 devices, and gate_verdict is collected from 100 on"),
            std::string::npos)
      << gate.status();
  const auto histogram = Draft(Ask("ttft_p95_ms", 999));
  EXPECT_EQ(histogram.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(histogram.status()).find("ttft_p95_ms is collected from 1000 on"),
            std::string::npos)
      << histogram.status();
}

TEST(TaskDraft, GivesASmallFleetFourHistogramsAtATime) {
  TaskAsk ask = Ask("ttft_p95_ms", 5'000);
  ask.live_histograms = 3;
  EXPECT_TRUE(Draft(ask).ok());
  ask.live_histograms = 4;
  EXPECT_EQ(Draft(ask).status().code(), StatusCode::kFailedPrecondition);
  ask.cohort_devices = 10'000;
  EXPECT_TRUE(Draft(ask).ok());
}

TEST(TaskDraft, OfADemonstrationHasOneWindowOfSeconds) {
  TaskAsk ask = Ask("ttft_p95_ms", 120);
  ask.kind = dap::TaskKind::kDemo;
  const auto draft = Draft(ask, "2026-03-01T12:34:56Z");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->time_precision, dap::kDemoPrecision);
  EXPECT_EQ(draft->interval.start * 5,
            static_cast<std::uint64_t>(absl::ToUnixSeconds(At("2026-03-01T12:35:00Z"))));
  EXPECT_EQ(draft->interval.duration * 5, 10U);
  EXPECT_EQ(draft->noise.looks, 1U);
  EXPECT_EQ(draft->kind, dap::TaskKind::kDemo);
}

TEST(TaskDraft, NeedsAHundredDevicesForADemonstrationToo) {
  TaskAsk ask = Ask("ttft_p95_ms", 10);
  ask.kind = dap::TaskKind::kDemo;
  const Status status = Draft(ask).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(status).find("the fleet has 10 devices"), std::string::npos) << status;
}

TEST(TaskDraft, TakesDemonstrationsOfFiveToSixtySeconds) {
  TaskAsk ask = Ask("ttft_p95_ms", 120);
  ask.kind = dap::TaskKind::kDemo;
  for (const int seconds : {0, 1, 7, 61, 65, 3600}) {
    ask.demo_window = absl::Seconds(seconds);
    EXPECT_EQ(Draft(ask).status().code(), StatusCode::kInvalidArgument) << seconds;
  }
  for (const int seconds : {5, 15, 60}) {
    ask.demo_window = absl::Seconds(seconds);
    EXPECT_TRUE(Draft(ask).ok()) << seconds;
  }
}

TEST(TaskDraft, MakesTwoTasksOfTheSameKindDifferent) {
  SeededRandom random(3);
  const TaskAsk ask = Ask("gate_verdict", 100);
  const Time now = At("2026-03-01T12:34:56Z");
  EXPECT_NE(DraftTask(ask, kEndpoints, now, random)->Encode(),
            DraftTask(ask, kEndpoints, now, random)->Encode());
}

TEST(TaskDraft, FitsEveryMetricOfTheSchema) {
  for (const schema::Metric& metric : schema::AllMetrics()) {
    EXPECT_TRUE(Draft(Ask(metric.name, 10'000)).ok()) << metric.name;
  }
}

}  // namespace
}  // namespace flotilla::controller
