#include "controller/http/guard_metrics.h"

#include <string>
#include <utility>

#include <prometheus/client_metric.h>

namespace flotilla::http {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

prometheus::MetricFamily Gauge(std::string name, std::string help) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Gauge;
  return family;
}

void AddSample(prometheus::MetricFamily& family, const Labels& labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = labels;
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

const char* StageText(v1::GuardStage stage) {
  switch (stage) {
    case v1::GUARD_STAGE_FORECAST:
      return "forecast";
    case v1::GUARD_STAGE_SMOKE_ONLY:
      return "smoke_only";
    case v1::GUARD_STAGE_ASKING:
      return "asking";
    case v1::GUARD_STAGE_COLLECTING:
      return "collecting";
    case v1::GUARD_STAGE_PASSED:
      return "passed";
    case v1::GUARD_STAGE_FAILED:
      return "failed";
    case v1::GUARD_STAGE_HELD:
      return "held";
    default:
      return "unspecified";
  }
}

}  // namespace

void AddGuardMetrics(const std::vector<v1::Rollout>& rollouts,
                     std::vector<prometheus::MetricFamily>& families) {
  auto stage = Gauge("fleet_rollout_guard", "1: the stage that a wave's private gate is in.");
  auto increase = Gauge("fleet_rollout_guard_increase",
                        "Rise of the share of bad verdicts, canary arm over control arm.");
  auto low = Gauge("fleet_rollout_guard_increase_low", "The true rise is not below it, with 95 %.");
  auto high =
      Gauge("fleet_rollout_guard_increase_high", "The true rise is not above it, with 95 %.");
  for (const v1::Rollout& rollout : rollouts) {
    for (const v1::Wave& wave : rollout.waves()) {
      if (!wave.has_guard()) {
        continue;
      }
      const Labels labels = {{"rollout", rollout.id()}, {"wave", wave.spec().name()}};
      Labels staged = labels;
      staged.push_back({"stage", StageText(wave.guard().stage())});
      AddSample(stage, staged, 1);
      if (wave.guard().looks_taken() > 0) {
        AddSample(increase, labels, wave.guard().increase());
        AddSample(low, labels, wave.guard().increase() - wave.guard().interval_95());
        AddSample(high, labels, wave.guard().increase() + wave.guard().interval_95());
      }
    }
  }
  for (prometheus::MetricFamily* family : {&stage, &increase, &low, &high}) {
    if (!family->metric.empty()) {
      families.push_back(std::move(*family));
    }
  }
}

}  // namespace flotilla::http
