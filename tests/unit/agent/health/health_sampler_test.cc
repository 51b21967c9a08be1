#include "agent/health/health_sampler.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "telemetry/schema/registry.h"
#include "tests/support/fake_executor.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

using schema::MetricId;
using schema::ReleaseFate;

constexpr Duration kHourLong = absl::Hours(1);

class HealthSamplerTest : public testing::Test {
 protected:
  HealthSamplerTest() {
    sampler_.Measure({kHourLong});
    sampler_.OnRelease("pump", ReleaseOf(1), ReleaseFate::kServing);
    sampler_.OnRelease("fan", ReleaseOf(2), ReleaseFate::kServing);
  }
  std::string Vote(const std::string& line, MetricId metric) {
    const LineHealth& health = sampler_.lines().at(line);
    dap::Cohort cohort;
    cohort.metric = static_cast<std::uint32_t>(metric);
    cohort.arm = dap::Arm::kFleet;
    cohort.release = health.release();
    const auto bucket =
        VoteOf(*health.Running(kHourLong), cohort, schema::MetricSwitches::AsInTheTable());
    return bucket.has_value() ? schema::BucketLabel(schema::MetricOf(metric), *bucket) : "silent";
  }
  void Tokens(const std::string& line, std::uint64_t tokens) {
    schema::RequestFinished request;
    request.whole = absl::Seconds(1);
    request.tokens = tokens;
    sampler_.OnRequest(line, request);
  }

  FakeExecutor clock_;
  HealthSampler sampler_{clock_, {}};
};

TEST_F(HealthSamplerTest, LinesAreMeasuredApart) {
  sampler_.OnCrash("pump", schema::CrashClass::kSegv);
  EXPECT_EQ("segv", Vote("pump", MetricId::kCrashClass));
  EXPECT_EQ("none", Vote("fan", MetricId::kCrashClass));
}

TEST_F(HealthSamplerTest, TheMachinesTemperatureIsEveryLines) {
  sampler_.OnSensors({.celsius = 71});
  EXPECT_EQ("70 to < 75", Vote("pump", MetricId::kTempMax));
  EXPECT_EQ("70 to < 75", Vote("fan", MetricId::kTempMax));
}

TEST_F(HealthSamplerTest, WithoutSensorsNothingIsMadeUp) {
  sampler_.OnBusy("pump", absl::Seconds(1));
  sampler_.OnSensors({});
  Tokens("pump", 1000);
  EXPECT_EQ("no-sensor", Vote("pump", MetricId::kTempMax));
  EXPECT_EQ("no-data", Vote("pump", MetricId::kThrottleShare));
  EXPECT_EQ("no-sensor", Vote("pump", MetricId::kJoulesPerKtoken));
}

TEST_F(HealthSamplerTest, EnergyIsSplitAmongLinesByHowLongTheyWereBusy) {
  sampler_.OnSensors({.joules_total = 100});
  sampler_.OnBusy("pump", absl::Seconds(3));
  sampler_.OnBusy("fan", absl::Seconds(1));
  sampler_.OnSensors({.joules_total = 108});
  Tokens("pump", 1000);
  Tokens("fan", 1000);
  EXPECT_EQ("5.119 to < 6.654", Vote("pump", MetricId::kJoulesPerKtoken));  // 6 J
  EXPECT_EQ("1.792 to < 2.33", Vote("fan", MetricId::kJoulesPerKtoken));    // 2 J
}

TEST_F(HealthSamplerTest, WhatAnIdleMachineSpendsIsNobodys) {
  sampler_.OnSensors({.joules_total = 100});
  sampler_.OnSensors({.joules_total = 900});
  Tokens("pump", 1000);
  EXPECT_EQ("no-sensor", Vote("pump", MetricId::kJoulesPerKtoken));
}

TEST_F(HealthSamplerTest, ThrottledTimeIsNoLongerThanTheBusyTime) {
  sampler_.OnSensors({.throttled_total = absl::ZeroDuration()});
  sampler_.OnBusy("pump", absl::Seconds(1));
  sampler_.OnSensors({.throttled_total = absl::Seconds(10)});
  EXPECT_EQ(">= 50", Vote("pump", MetricId::kThrottleShare));
}

TEST_F(HealthSamplerTest, WhatIsNoMeasurementCountsForNothing) {
  sampler_.OnSensors({.celsius = 9000});
  schema::RequestFinished request;
  request.whole = -absl::Seconds(1);
  sampler_.OnRequest("pump", request);
  EXPECT_EQ("no-sensor", Vote("pump", MetricId::kTempMax));
  EXPECT_EQ("no-data", Vote("pump", MetricId::kRequestP95));
}

TEST_F(HealthSamplerTest, FindsTheLineThatACohortIsAbout) {
  dap::Cohort cohort;
  cohort.metric = static_cast<std::uint32_t>(MetricId::kCrashCount);
  cohort.release = ReleaseOf(2);
  ASSERT_NE(nullptr, sampler_.LineOf(cohort));
  EXPECT_EQ("fan", *sampler_.LineOf(cohort));
  cohort.release = ReleaseOf(3);
  EXPECT_EQ(nullptr, sampler_.LineOf(cohort));
  sampler_.OnRelease("pump", ReleaseOf(3), ReleaseFate::kGaveUp);
  EXPECT_EQ(nullptr, sampler_.LineOf(cohort));
  cohort.metric = static_cast<std::uint32_t>(MetricId::kGateVerdict);
  EXPECT_EQ("pump", *sampler_.LineOf(cohort));
}

TEST_F(HealthSamplerTest, HoldsNoMoreLinesThanItHasRoomFor) {
  for (int i = 0; i < 1000; ++i) {
    const std::string line = absl::StrCat("line", i);
    sampler_.OnRelease(line, ReleaseOf(1), ReleaseFate::kServing);
    sampler_.OnBusy(line, absl::Seconds(1));
    sampler_.OnCrash(line, schema::CrashClass::kAbort);
  }
  EXPECT_EQ(kMaxHealthLines, sampler_.lines().size());
}

TEST_F(HealthSamplerTest, HandsOverTheWindowsOfAllLines) {
  clock_.Advance(kHourLong);
  const auto ended = sampler_.TakeEnded();
  ASSERT_EQ(2U, ended.size());
  EXPECT_EQ("fan", ended[0].line);
  EXPECT_EQ("pump", ended[1].line);
}

}  // namespace
}  // namespace flotilla::agent
