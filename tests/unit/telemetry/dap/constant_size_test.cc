// What leaves a device has one size and one number whatever it went through: random load, idle,
// crashes, any mix.
#include <cmath>

#include <cstdint>
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "base/random.h"
#include "telemetry/schema/registry.h"
#include "telemetry/schema/window.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

constexpr int kWindows = 40;

// A task and a device for each metric.
std::map<schema::MetricId, std::unique_ptr<DapWorld>> Worlds() {
  std::map<schema::MetricId, std::unique_ptr<DapWorld>> worlds;
  for (const schema::Metric& metric : schema::AllMetrics()) {
    TaskConfiguration configuration = GateConfiguration();
    configuration.shape = *vdaf::SmallestReportShape(metric.buckets());
    configuration.cohort.metric = static_cast<std::uint32_t>(metric.id);
    worlds[metric.id] = std::make_unique<DapWorld>(1, configuration);
  }
  return worlds;
}

Duration LogUniform(Random& random) {
  return absl::Milliseconds(
      std::pow(10.0, static_cast<double>(UniformBelow(random, 6'000)) / 1'000));
}

// From an idle device to a busy one that crashes.
schema::Window RandomWindow(Random& random) {
  schema::Window window;
  const std::uint64_t events = UniformBelow(random, 300) * UniformBelow(random, 2);
  for (std::uint64_t i = 0; i < events; ++i) {
    window
        .OnRequest({.time_to_first_token = LogUniform(random),
                    .whole = absl::Hours(1),
                    .decoded_tokens = UniformBelow(random, 500),
                    .decode_time = LogUniform(random),
                    .tokens = 1 + UniformBelow(random, 500)})
        .IgnoreError();
    if (UniformBelow(random, 20) == 0) {
      window.OnCrash(static_cast<schema::CrashClass>(1 + UniformBelow(random, 9))).IgnoreError();
      window.OnTemperature(static_cast<double>(UniformBelow(random, 100))).IgnoreError();
      window.OnEnergy(static_cast<double>(UniformBelow(random, 100))).IgnoreError();
    }
  }
  return window;
}

TEST(ConstantSize, OneReportOfOneSizeForEachMetricUnderAnyLoad) {
  const auto worlds = Worlds();
  SeededRandom load(3);
  std::map<schema::MetricId, std::map<std::uint32_t, int>> votes;
  for (int i = 0; i < kWindows; ++i) {
    const schema::Votes reduced = RandomWindow(load).Reduce(schema::MetricSwitches::AsInTheTable());
    for (const schema::Vote& vote : reduced) {
      if (schema::MetricOf(vote.metric).unless_told == schema::Switch::kOff) {
        EXPECT_FALSE(vote.bucket.has_value());
        continue;
      }
      ASSERT_TRUE(vote.bucket.has_value());
      DapWorld& world = *worlds.at(vote.metric);
      EXPECT_EQ(world.ReportOf(0, *vote.bucket).size(), world.task.report_size());
      ++votes[vote.metric][*vote.bucket];
    }
  }
  EXPECT_GT(votes[schema::MetricId::kTtftP95].size(), 1U) << "the load does change the votes";
}

}  // namespace
}  // namespace flotilla::dap
