#include "controller/rollout/rollout_spec.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "base/strong_id.h"
#include "controller/rollout/approval.h"
#include "controller/rollout/guard_spec.h"
#include "controller/rollout/rate_ramp.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/selector.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr int kMaxWaves = 32;
constexpr int kMaxStrata = 4;
constexpr std::size_t kMaxReasonBytes = 1024;
constexpr std::uint32_t kDeliveryCap = 200;
constexpr std::uint32_t kFirstWaveCap = 25;
constexpr double kWholeFleet = 100.0;
constexpr Duration kMaxDuration = absl::Hours(24 * 366);

Status CheckDuration(const google::protobuf::Duration& duration, const std::string& field) {
  const Duration value = FromWire(duration);
  if (value < absl::ZeroDuration() || value > kMaxDuration) {
    return InvalidArgument(field + ": must lie between 0 and 366 days");
  }
  return OkStatus();
}

Status CheckJudge(const v1::JudgePolicy& judge) {
  for (const double value : {judge.p0(), judge.p1(), judge.alpha(), judge.beta()}) {
    if (!(value >= 0 && value < 0.5)) {
      return InvalidArgument("strategy.judge: p0, p1, alpha, beta must lie in [0, 0.5)");
    }
  }
  const double p0 = judge.p0() > 0 ? judge.p0() : 0.01;
  const double p1 = judge.p1() > 0 ? judge.p1() : 0.05;
  if (p0 >= p1) {
    return InvalidArgument("strategy.judge: p0 must be below p1");
  }
  return OkStatus();
}

Status CheckWave(const v1::WaveSpec& wave, const std::string& field) {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(wave.name(), field + ".name"));
  if ((wave.count() > 0) == (wave.percent() > 0)) {
    return InvalidArgument(field + ": exactly one of count and percent must be given");
  }
  if (!(wave.percent() >= 0 && wave.percent() <= kWholeFleet)) {
    return InvalidArgument(field + ".percent: must lie in (0, 100]");
  }
  if (wave.stratify_by_size() > kMaxStrata ||
      wave.stratify_by().empty() != (wave.min_per_stratum() == 0)) {
    return InvalidArgument(field +
                           ".stratify_by: at most 4 labels, and min_per_stratum beside them");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckDuration(wave.soak(), field + ".soak"));
  return Selector::Parse(wave.selector()).status();
}

// A completed rollout becomes the line's baseline, so its last wave must reach every device.
Status CheckLastWave(const v1::WaveSpec& wave) {
  if (wave.percent() != kWholeFleet || !wave.selector().empty() || !wave.stratify_by().empty()) {
    return InvalidArgument(
        "strategy.waves: the last must have percent 100 and neither selector nor strata");
  }
  return OkStatus();
}

Status CheckWaves(const v1::Strategy& strategy) {
  if (strategy.waves_size() > kMaxWaves) {
    return InvalidArgument("strategy.waves: more than 32");
  }
  std::set<std::string> names;
  double percent = 0;
  for (int i = 0; i < strategy.waves_size(); ++i) {
    const v1::WaveSpec& wave = strategy.waves(i);
    const std::string field = "strategy.waves[" + std::to_string(i) + "]";
    FLOTILLA_RETURN_IF_ERROR(CheckWave(wave, field));
    if (!names.insert(wave.name()).second) {
      return InvalidArgument(field + ".name: used twice: " + wave.name());
    }
    if (wave.percent() > 0 && wave.percent() < percent) {
      return InvalidArgument(field + ".percent: shares are cumulative and must not fall");
    }
    percent = std::max(percent, wave.percent());
  }
  return strategy.waves_size() == 0 ? OkStatus() : CheckLastWave(*strategy.waves().rbegin());
}

Status CheckExpedite(const v1::RolloutSpec& spec) {
  const std::string& reason = spec.expedite().reason();
  if (spec.has_expedite() && (reason.empty() || reason.size() > kMaxReasonBytes)) {
    return InvalidArgument("expedite.reason: 1 to 1,024 bytes that say why it cannot wait");
  }
  if (spec.has_expedite() && spec.strategy().guards_size() > 0) {
    return InvalidArgument("expedite: no wave waits for a private gate then: leave out the guards");
  }
  return OkStatus();
}

v1::WaveSpec CountWave(const std::string& name, std::uint32_t count) {
  v1::WaveSpec wave;
  wave.set_name(name);
  wave.set_count(count);
  return wave;
}

Duration Or(const google::protobuf::Duration& wire, Duration otherwise) {
  const Duration value = FromWire(wire);
  return value > absl::ZeroDuration() ? value : otherwise;
}

}  // namespace

Status CheckSpec(const v1::RolloutSpec& spec) {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(spec.name(), "name"));
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(spec.line(), "line"));
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(spec.version(), "version"));
  FLOTILLA_RETURN_IF_ERROR(Selector::Parse(spec.selector()).status());
  if (spec.approvals_needed() > static_cast<std::uint32_t>(kMaxApprovals)) {
    return InvalidArgument("approvals_needed: at most 4");
  }
  FLOTILLA_RETURN_IF_ERROR(CheckExpedite(spec));
  FLOTILLA_RETURN_IF_ERROR(CheckWaves(spec.strategy()));
  FLOTILLA_RETURN_IF_ERROR(CheckJudge(spec.strategy().judge()));
  FLOTILLA_RETURN_IF_ERROR(CheckGuards(spec.strategy()));
  FLOTILLA_RETURN_IF_ERROR(CheckRamp(spec.delivery().rate()));
  FLOTILLA_RETURN_IF_ERROR(CheckWindows(spec));
  if (!v1::OnOverlap_IsValid(spec.on_overlap())) {
    return InvalidArgument("on_overlap: must be refuse, replace or queue");
  }
  FLOTILLA_RETURN_IF_ERROR(
      CheckDuration(spec.strategy().trial_duration(), "strategy.trial_duration"));
  FLOTILLA_RETURN_IF_ERROR(CheckDuration(spec.deadlines().download(), "deadlines.download"));
  FLOTILLA_RETURN_IF_ERROR(CheckDuration(spec.deadlines().activate(), "deadlines.activate"));
  FLOTILLA_RETURN_IF_ERROR(CheckDuration(spec.deadlines().self_test(), "deadlines.self_test"));
  return CheckDuration(spec.deadlines().wave(), "deadlines.wave");
}

std::vector<v1::WaveSpec> DefaultWaves(v1::Gate second_gate) {
  std::vector<v1::WaveSpec> waves = {CountWave("canary", 1), CountWave("early", 5),
                                     CountWave("broad", 15)};
  waves[1].set_gate(second_gate);
  v1::WaveSpec& rest = waves.emplace_back();
  rest.set_name("rest");
  rest.set_percent(kWholeFleet);
  return waves;
}

std::vector<v1::WaveSpec> WavesOf(const v1::RolloutSpec& spec) {
  std::vector<v1::WaveSpec> waves = DefaultWaves(v1::GATE_MANUAL);
  if (spec.strategy().waves_size() > 0) {
    waves.assign(spec.strategy().waves().begin(), spec.strategy().waves().end());
  }
  if (spec.has_expedite()) {
    for (v1::WaveSpec& wave : waves) {
      wave.clear_soak();
      wave.set_gate(v1::GATE_AUTO);
    }
  }
  return waves;
}

std::uint32_t InFlightCap(const v1::RolloutSpec& spec, const v1::WaveSpec& wave,
                          std::uint32_t wave_index) {
  const std::uint32_t delivery =
      spec.delivery().max_in_flight() > 0 ? spec.delivery().max_in_flight() : kDeliveryCap;
  if (wave.max_in_flight() > 0) {
    return std::min(delivery, wave.max_in_flight());
  }
  return wave_index == 0 ? std::min(delivery, kFirstWaveCap) : delivery;
}

PhaseDeadlines DeadlinesOf(const v1::RolloutSpec& spec) {
  PhaseDeadlines deadlines;
  deadlines.download = Or(spec.deadlines().download(), absl::Hours(24));
  deadlines.self_test = Or(spec.deadlines().self_test(), absl::Minutes(10));
  deadlines.activate = Or(spec.deadlines().activate(), absl::Minutes(15));
  deadlines.wave = Or(spec.deadlines().wave(), absl::Hours(72));
  deadlines.trial = deadlines.activate + 10 * FromWire(spec.strategy().trial_duration());
  return deadlines;
}

}  // namespace flotilla::rollout
