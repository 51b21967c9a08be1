#include "controller/http/guard_metrics.h"

#include <string>
#include <utility>

#include "controller/http/metric_family.h"

namespace flotilla::http {
namespace {

std::string StageText(v1::GuardStage stage) {
  return EnumLabel(v1::GuardStage_Name(stage), sizeof "GUARD_STAGE_" - 1);
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
