#include "controller/http/health_metrics.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "controller/http/metric_family.h"

namespace flotilla::http {
namespace {

// "HEALTH_ARM_CANARY" -> "canary".
std::string ArmText(v1::HealthArm arm) {
  switch (arm) {
    case v1::HEALTH_ARM_CANARY:
      return "canary";
    case v1::HEALTH_ARM_CONTROL:
      return "control";
    default:
      return "fleet";
  }
}

Labels LabelsOf(const v1::HealthTask& task) {
  return {{"metric", task.metric()},
          {"line", task.line()},
          {"release", task.release()},
          {"arm", ArmText(task.arm())},
          {"demo", task.demo() ? "1" : "0"}};
}

std::string KeyOf(const Labels& labels) {
  std::string key;
  for (const auto& label : labels) {
    key += label.value + '\n';
  }
  return key;
}

// Null: none was collected.
const v1::HealthWindow* NewestCollected(const v1::HealthResult& result) {
  const auto found = std::find_if(result.windows().begin(), result.windows().end(),
                                  [](const v1::HealthWindow& window) {
                                    return window.state() == v1::HEALTH_WINDOW_STATE_COLLECTED;
                                  });
  return found == result.windows().end() ? nullptr : &*found;
}

struct Families {
  prometheus::MetricFamily devices = Gauge(
      "fleet_health_devices",
      "Devices that voted for a bucket, with the noise of both aggregators; may be negative.");
  prometheus::MetricFamily low = Gauge(
      "fleet_health_devices_low", "The true count is not below it, with a probability of 95 %.");
  prometheus::MetricFamily high = Gauge(
      "fleet_health_devices_high", "The true count is not above it, with a probability of 95 %.");
  prometheus::MetricFamily reports =
      Gauge("fleet_health_reports", "Reports that both aggregators have verified.");
  prometheus::MetricFamily epsilon =
      Gauge("fleet_health_epsilon", "What a device pays for all windows of the task.");
  prometheus::MetricFamily delta = Gauge("fleet_health_delta", "Belongs to fleet_health_epsilon.");
  prometheus::MetricFamily independent =
      Gauge("fleet_health_independent", "1: another organisation runs the helper; 0: not so.");
  prometheus::MetricFamily end =
      Gauge("fleet_health_window_end_timestamp_seconds", "End of the window that is shown.");

  void Add(const v1::HealthTask& task, const v1::HealthWindow& window) {
    const Labels labels = LabelsOf(task);
    AddSample(reports, labels, static_cast<double>(window.reports()));
    AddSample(epsilon, labels, task.epsilon());
    AddSample(delta, labels, task.delta());
    AddSample(independent, labels, task.independent() ? 1 : 0);
    AddSample(end, labels, static_cast<double>(window.ends_at().seconds()));
    for (const v1::HealthBucket& bucket : window.buckets()) {
      Labels named = labels;
      named.push_back({"bucket", bucket.label()});
      const auto count = static_cast<double>(bucket.count());
      AddSample(devices, named, count);
      AddSample(low, named, std::max(0.0, count - window.interval_95()));
      AddSample(high, named, std::max(0.0, count + window.interval_95()));
    }
  }
};

}  // namespace

void AddHealthMetrics(const v1::ListHealthResponse& health,
                      std::vector<prometheus::MetricFamily>& families) {
  Families all;
  std::set<std::string> seen;
  for (const v1::HealthResult& result : health.results()) {
    const v1::HealthWindow* window = NewestCollected(result);
    if (window != nullptr && seen.insert(KeyOf(LabelsOf(result.task()))).second) {
      all.Add(result.task(), *window);
    }
  }
  for (prometheus::MetricFamily* family : {&all.devices, &all.low, &all.high, &all.reports,
                                           &all.epsilon, &all.delta, &all.independent, &all.end}) {
    if (!family->metric.empty()) {
      families.push_back(std::move(*family));
    }
  }
}

}  // namespace flotilla::http
