// docs/metrics.md is the table that is compiled in.
#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "telemetry/schema/gate_verdict.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/registry.h"
#include "telemetry/schema/window.h"

namespace flotilla::schema {
namespace {

std::string Page() {
  const auto page = ReadFile(FLOTILLA_SOURCE_DIR "/docs/metrics.md", 1U << 20U);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? ToText(*page) : std::string();
}

std::string MetricsTable() {
  std::string table =
      "| id | name | version | unless told | buckets | one value of a window |\n"
      "|---|---|---|---|---|---|\n";
  for (const Metric& metric : AllMetrics()) {
    table += "| " + std::to_string(static_cast<std::uint32_t>(metric.id)) + " | `" +
             std::string(metric.name) + "` | " + std::to_string(metric.version) + " | " +
             (metric.unless_told == Switch::kOn ? "on" : "off") + " | " +
             std::to_string(metric.buckets()) + " | " + std::string(metric.reduction) + " |\n";
  }
  return table + "\n";
}

std::string BucketsTable() {
  std::string table = "| name | unit | buckets in order |\n|---|---|---|\n";
  for (const Metric& metric : AllMetrics()) {
    table += "| `" + std::string(metric.name) + "` | " +
             (metric.unit.empty() ? "-" : std::string(metric.unit)) + " | ";
    for (std::uint32_t bucket = 0; bucket < metric.buckets(); ++bucket) {
      table += (bucket == 0 ? "" : "; ") + BucketLabel(metric, bucket);
    }
    table += " |\n";
  }
  return table + "\n";
}

TEST(MetricPage, HasTheTableOfMetricsAndNoOther) {
  EXPECT_NE(Page().find(MetricsTable()), std::string::npos) << MetricsTable();
}

TEST(MetricPage, HasTheBucketsOfEveryMetric) {
  EXPECT_NE(Page().find(BucketsTable()), std::string::npos) << BucketsTable();
}

TEST(MetricPage, HasTheVersionAndTheThresholds) {
  const std::string page = Page();
  const auto says = [&page](const std::string& text) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  };
  says("Schema version " + std::to_string(kSchemaVersion) + ".\n");
  says("fewer than " + std::to_string(kGateMinRequests) + " requests on either side");
  says("p95 from " + std::to_string(kGateMinForTails) + " requests a side on");
  says(std::to_string(kGateOutcomePoints) + " points fewer solved answers (" +
       std::to_string(kGateMinOutcomes) + " marks a side)");
  says("`too-few` with 1 to " + std::to_string(kMinOutcomes - 1) + " marks");
  EXPECT_EQ(kGateSteps, 2U) << "the page says: two buckets";
}

}  // namespace
}  // namespace flotilla::schema
