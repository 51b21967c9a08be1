#include "telemetry/schema/metric_switches.h"

#include <string>

#include <gtest/gtest.h>

#include "base/status.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/registry.h"

namespace flotilla::schema {
namespace {

TEST(MetricSwitches, AreThoseOfTheTableWhenTheOwnerSaysNothing) {
  const auto switches = MetricSwitches::Of({});
  ASSERT_TRUE(switches.ok());
  EXPECT_EQ(*switches, MetricSwitches::AsInTheTable());
  for (const Metric& metric : AllMetrics()) {
    EXPECT_EQ(switches->IsOn(metric.id), metric.unless_told == Switch::kOn) << metric.name;
  }
  EXPECT_FALSE(switches->IsOn(MetricId::kUsageBand));
}

TEST(MetricSwitches, ChangeOneMetricAndNoOther) {
  for (const Metric& changed : AllMetrics()) {
    const bool was_on = changed.unless_told == Switch::kOn;
    OwnersChoice choice;
    choice.metrics.push_back({std::string(changed.name), was_on ? Switch::kOff : Switch::kOn});
    const auto switches = MetricSwitches::Of(choice);
    ASSERT_TRUE(switches.ok());
    for (const Metric& metric : AllMetrics()) {
      const bool before = metric.unless_told == Switch::kOn;
      EXPECT_EQ(switches->IsOn(metric.id), metric.id == changed.id ? !before : before);
    }
  }
}

TEST(MetricSwitches, AllOffOutranksEveryOther) {
  OwnersChoice choice;
  choice.all = Switch::kOff;
  choice.metrics = {{"ttft_p95_ms", Switch::kOn}, {"usage_band", Switch::kOn}};
  const auto switches = MetricSwitches::Of(choice);
  ASSERT_TRUE(switches.ok());
  EXPECT_EQ(*switches, MetricSwitches::AllOff());
  for (const Metric& metric : AllMetrics()) EXPECT_FALSE(switches->IsOn(metric.id));
}

TEST(MetricSwitches, TheLastOfTwoSettingsHolds) {
  OwnersChoice choice;
  choice.metrics = {{"temp_max_c", Switch::kOff}, {"temp_max_c", Switch::kOn}};
  const auto switches = MetricSwitches::Of(choice);
  ASSERT_TRUE(switches.ok());
  EXPECT_TRUE(switches->IsOn(MetricId::kTempMax));
}

TEST(MetricSwitches, RefuseAMetricThatThereIsNot) {
  OwnersChoice choice;
  choice.all = Switch::kOff;  // a wrong name is told even then
  choice.metrics = {{"ttft_p59_ms", Switch::kOff}};
  const auto switches = MetricSwitches::Of(choice);
  EXPECT_EQ(switches.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(switches.status()).find("ttft_p59_ms"), std::string::npos);
  choice.metrics = {{"ttft_p95_ms", Switch::kUnspecified}};
  EXPECT_EQ(MetricSwitches::Of(choice).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::schema
