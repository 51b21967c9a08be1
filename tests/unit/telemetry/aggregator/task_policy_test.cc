#include "telemetry/aggregator/task_policy.h"

#include <string>

#include <gtest/gtest.h>

#include "telemetry/schema/registry.h"
#include "tests/unit/telemetry/aggregator/room_world.h"

namespace flotilla::telemetry {
namespace {

using dap::TaskConfiguration;

const Time kNow = absl::FromUnixSeconds(1'800'000'000);

TaskPolicy Policy() {
  TaskPolicy policy;
  policy.endpoint = kEndpoint;
  policy.minimum_batch = 100;
  policy.demonstrations = Demonstrations::kRefused;
  return policy;
}

TaskPolicy DemoPolicy() {
  TaskPolicy policy = Policy();
  policy.demonstrations = Demonstrations::kAllowed;
  return policy;
}

TaskConfiguration Gate() {
  return GateTask(kNow + absl::Hours(2));
}

// A histogram of windows of `days`.
TaskConfiguration Histogram(std::uint64_t days, dp::Mechanism mechanism, dp::Fraction parameter) {
  TaskConfiguration task = Gate();
  task.time_precision = dap::kDay;
  task.window = days;
  task.noise = {.mechanism = mechanism, .parameter = parameter, .looks = 13};
  task.interval = {.start = 1'800'000'000 / dap::kDay + 1, .duration = 13 * days};
  const schema::Metric& metric = schema::MetricOf(schema::MetricId::kTtftP95);
  task.cohort.metric = static_cast<std::uint32_t>(metric.id);
  task.shape = *vdaf::SmallestReportShape(metric.buckets());
  return task;
}

TaskConfiguration Demo() {
  TaskConfiguration task = Gate();
  task.kind = dap::TaskKind::kDemo;
  task.time_precision = dap::kDemoPrecision;
  task.noise.looks = 4;
  task.interval = {.start = 1'800'000'000 / dap::kDemoPrecision + 1, .duration = 4};
  return task;
}

Status Check(const TaskConfiguration& task, const TaskPolicy& policy = Policy()) {
  return CheckTask(task, policy, 0, kNow);
}

void ExpectRefused(const TaskConfiguration& task, const std::string& word,
                   const TaskPolicy& policy = Policy()) {
  const Status status = Check(task, policy);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied) << status;
  EXPECT_NE(MessageOf(status).find(word), std::string::npos) << status;
}

TEST(TaskPolicy, LetsPassWhatTheTiersAskFor) {
  EXPECT_EQ(Check(Gate()), OkStatus());
  EXPECT_EQ(Check(Histogram(30, dp::Mechanism::kDiscreteLaplace, {1, 2})), OkStatus());
  EXPECT_EQ(Check(Histogram(31, dp::Mechanism::kDiscreteLaplace, {1, 3})), OkStatus());
  EXPECT_EQ(Check(Histogram(7, dp::Mechanism::kDiscreteGaussian, {20, 1})), OkStatus());
  EXPECT_EQ(Check(Histogram(7, dp::Mechanism::kDiscreteGaussian, {50, 1})), OkStatus());
  EXPECT_EQ(Check(Demo(), DemoPolicy()), OkStatus());
}

TEST(TaskPolicy, RefusesATaskThatIsNone) {
  TaskConfiguration task = Gate();
  task.min_batch_size = 99;
  EXPECT_EQ(Check(task).code(), StatusCode::kInvalidArgument);
}

TEST(TaskPolicy, RefusesATaskOfAnotherHelper) {
  TaskConfiguration task = Gate();
  task.helper_endpoint = "helper.example:7447";
  ExpectRefused(task, kEndpoint);
}

TEST(TaskPolicy, RefusesAnotherSchemaAMetricThatIsNoneAndBucketsOfAnother) {
  TaskConfiguration task = Gate();
  task.cohort.schema_version = schema::kSchemaVersion + 1;
  ExpectRefused(task, "schema version");
  task = Gate();
  task.cohort.metric = schema::kMetricCount + 1;
  ExpectRefused(task, "no metric");
  task = Gate();
  task.shape = *vdaf::SmallestReportShape(4);
  ExpectRefused(task, "buckets");
}

TEST(TaskPolicy, RefusesBatchesSmallerThanTheOwnerWants) {
  TaskPolicy policy = Policy();
  policy.minimum_batch = 500;
  TaskConfiguration task = Gate();
  task.min_batch_size = 499;
  ExpectRefused(task, "at least 500", policy);
  task.min_batch_size = 500;
  EXPECT_EQ(Check(task, policy), OkStatus());
}

TEST(TaskPolicy, RefusesAGateWithLessNoiseOrMoreLooks) {
  TaskConfiguration task = Gate();
  task.noise.parameter = {500'000'000, 500'000'000};
  EXPECT_EQ(Check(task), OkStatus());
  task.noise.parameter = {500'000'001, 500'000'000};
  ExpectRefused(task, "epsilon 1");
  task = Gate();
  task.noise.looks = 3;
  task.interval.duration = 3;
  ExpectRefused(task, "2 looks");
  task = Gate();
  task.noise.mechanism = dp::Mechanism::kDiscreteGaussian;
  task.noise.parameter = {1'000, 1};
  ExpectRefused(task, "Laplace");
}

TEST(TaskPolicy, RefusesAHistogramWithLessNoiseOrShorterWindows) {
  ExpectRefused(Histogram(30, dp::Mechanism::kDiscreteLaplace, {501, 1000}), "too little noise");
  ExpectRefused(Histogram(29, dp::Mechanism::kDiscreteLaplace, {1, 2}), "too little noise");
  ExpectRefused(Histogram(7, dp::Mechanism::kDiscreteGaussian, {19'999, 1000}), "too little noise");
  ExpectRefused(Histogram(6, dp::Mechanism::kDiscreteGaussian, {20, 1}), "too little noise");
}

TEST(TaskPolicy, TakesDemonstrationsOnlyWhereTheOwnerAllowsThem) {
  ExpectRefused(Demo(), "allow_demo");
  TaskConfiguration task = Demo();
  task.noise.parameter = {2, 1};
  ExpectRefused(task, "demonstration", DemoPolicy());
  task = Demo();
  task.noise.looks = 5;
  task.interval.duration = 5;
  ExpectRefused(task, "demonstration", DemoPolicy());
  task = Demo();
  task.noise.mechanism = dp::Mechanism::kDiscreteGaussian;
  task.noise.parameter = {100, 1};
  ExpectRefused(task, "demonstration", DemoPolicy());
}

TEST(TaskPolicy, AWindowOutlivesNothingThatIsRememberedOfADevice) {
  ExpectRefused(Histogram(32, dp::Mechanism::kDiscreteGaussian, {20, 1}), "31 days");
  TaskConfiguration wrapping = Histogram(7, dp::Mechanism::kDiscreteGaussian, {20, 1});
  wrapping.window = std::uint64_t{1} << 50U;
  wrapping.noise.looks = 1;
  wrapping.interval.duration = wrapping.window;
  EXPECT_FALSE(Check(wrapping).ok());
}

TEST(TaskPolicy, ATaskBeginsInTheFutureButNotInAnotherAge) {
  TaskConfiguration task = Gate();
  task.interval.start = 1'800'000'000 / dap::kHour;  // the hour that runs
  EXPECT_EQ(Check(task).code(), StatusCode::kFailedPrecondition);
  task.interval.start += std::uint64_t{24} * 367;
  ExpectRefused(task, "366 days");
  task.interval.start = ~std::uint64_t{0} - 10;
  EXPECT_FALSE(Check(task).ok());
}

TEST(TaskPolicy, RunsAtMost256Tasks) {
  EXPECT_EQ(CheckTask(Gate(), Policy(), kMaxLiveTasks - 1, kNow), OkStatus());
  EXPECT_EQ(CheckTask(Gate(), Policy(), kMaxLiveTasks, kNow).code(),
            StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace flotilla::telemetry
