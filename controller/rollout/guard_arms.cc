#include "controller/rollout/guard_arms.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "controller/rollout/cohort.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/selector.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

// Of drawn devices some will be switched off, or have no budget left.
constexpr std::uint64_t kMore = 5;  // a fifth

std::string SaltOf(const RolloutRun& run, std::uint32_t wave) {
  return absl::StrCat("guard/", run.id(), "/", run.wave(wave).spec().name());
}

Selector WaveSelector(const v1::WaveSpec& spec) {
  auto selector = Selector::Parse(spec.selector());
  return selector.ok() ? *std::move(selector) : Selector();  // Checked at creation.
}

std::uint64_t Wanted(const HealthGatePolicy& policy) {
  const std::uint64_t enough = DevicesPerArm(policy).value_or(0);
  return enough + enough / kMore;
}

// Runs the release, or did until it gave it up.
bool TookUp(v1::DeploymentState state) {
  return state == v1::DEPLOYMENT_STATE_SUCCEEDED || state == v1::DEPLOYMENT_STATE_FAILED_REVERTED ||
         state == v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM ||
         state == v1::DEPLOYMENT_STATE_FAILED_DEGRADED;
}

bool MayBeCanary(const RolloutRun& run, std::uint32_t wave, const v1::Device& device) {
  const v1::RolloutDevice* row = run.FindDevice(device.id());
  return row != nullptr && row->wave() == wave && TookUp(row->state());
}

bool MayBeControl(const RolloutRun& run, std::uint32_t wave, const Selector& wave_selector,
                  const v1::Device& device) {
  const v1::RolloutDevice* row = run.FindDevice(device.id());
  const v1::LineStatus* line = LineOf(device, run.spec().line());
  if ((row != nullptr && row->wave() <= wave) || line == nullptr || device.decommissioned() ||
      line->current().sha256() != run.row().baseline().sha256()) {
    return false;
  }
  const LabelMap labels = LabelsOf(device);
  return run.selector().Matches(labels) && wave_selector.Matches(labels);
}

DrawnArm FirstOf(std::vector<std::uint64_t>& places, std::uint64_t wanted) {
  std::sort(places.begin(), places.end());
  const std::size_t devices = std::min<std::size_t>(places.size(), wanted);
  return {devices, devices == 0 ? 0 : places[devices - 1]};
}

// Since the device's last word, or now.
bool WasConnected(const v1::Device& device, Time since) {
  return IsReachable(&device) ||
         (device.has_last_seen_at() && FromWire(device.last_seen_at()) >= since);
}

std::uint64_t CountMatching(const RolloutRun& run, const Selector& wave_selector,
                            const FleetView& fleet) {
  std::uint64_t count = 0;
  fleet.ForEachDevice([&](const v1::Device& device) {
    if (IsServed(device)) {
      const LabelMap labels = LabelsOf(device);
      count += run.selector().Matches(labels) && wave_selector.Matches(labels) ? 1U : 0U;
    }
  });
  return count;
}

// Devices of all waves up to this one, of `devices` in all.
std::uint64_t SizeUpTo(const v1::WaveSpec& spec, std::uint64_t before, std::uint64_t devices) {
  std::uint64_t up_to = before + spec.count();
  if (spec.percent() > 0) {
    const double share = spec.percent() / 100 * static_cast<double>(devices);
    up_to = std::max<std::uint64_t>(before + spec.min(),
                                    static_cast<std::uint64_t>(std::llround(share)));
  }
  return std::clamp(up_to, before, std::max(before, devices));
}

}  // namespace

DrawnArms DrawArms(const RolloutRun& run, std::uint32_t wave, const HealthGatePolicy& policy,
                   const FleetView& fleet) {
  const std::string salt = SaltOf(run, wave);
  const Selector wave_selector = WaveSelector(run.wave(wave).spec());
  std::vector<std::uint64_t> canary;
  std::vector<std::uint64_t> control;
  fleet.ForEachDevice([&](const v1::Device& device) {
    if (!IsReachable(&device)) {
      return;
    }
    if (MayBeCanary(run, wave, device)) {
      canary.push_back(CohortHash(salt, device.id()));
    } else if (MayBeControl(run, wave, wave_selector, device)) {
      control.push_back(CohortHash(salt, device.id()));
    }
  });
  const std::uint64_t wanted = Wanted(policy);
  return {FirstOf(canary, wanted), FirstOf(control, wanted)};
}

GateArms ForecastArms(const RolloutRun& run, std::uint32_t wave, const HealthGatePolicy& policy,
                      const FleetView& fleet) {
  const std::uint64_t all = CountMatching(run, Selector(), fleet);
  std::uint64_t before = 0;
  for (std::uint32_t i = 0; i < wave; ++i) {
    before = SizeUpTo(run.wave(i).spec(), before, all);
  }
  const std::uint64_t up_to = SizeUpTo(run.wave(wave).spec(), before, all);
  GateArms arms{up_to - before, all - std::min(up_to, all)};
  const Selector wave_selector = WaveSelector(run.wave(wave).spec());
  if (!wave_selector.matches_all()) {
    const std::uint64_t of_wave = CountMatching(run, wave_selector, fleet);
    arms.canary = std::min(arms.canary, of_wave);
    arms.control = std::min(arms.control, of_wave - arms.canary);
  }
  const std::uint64_t wanted = Wanted(policy);
  return {std::min(arms.canary, wanted), std::min(arms.control, wanted)};
}

bool InCanaryArm(const RolloutRun& run, std::uint32_t wave, const v1::Device& device) {
  const v1::WaveGuard& guard = run.wave(wave).guard();
  return guard.canary_devices() > 0 && MayBeCanary(run, wave, device) &&
         CohortHash(SaltOf(run, wave), device.id()) <= guard.canary_limit();
}

bool InControlArm(const RolloutRun& run, std::uint32_t wave, const v1::Device& device) {
  const v1::WaveGuard& guard = run.wave(wave).guard();
  return guard.control_devices() > 0 &&
         CohortHash(SaltOf(run, wave), device.id()) <= guard.control_limit() &&
         MayBeControl(run, wave, WaveSelector(run.wave(wave).spec()), device);
}

GateArms ConnectedArms(const RolloutRun& run, std::uint32_t wave, Time since,
                       const FleetView& fleet) {
  GateArms arms;
  fleet.ForEachDevice([&](const v1::Device& device) {
    if (!IsServed(device) || !WasConnected(device, since)) {
      return;
    }
    arms.canary += InCanaryArm(run, wave, device) ? 1U : 0U;
    arms.control += InControlArm(run, wave, device) ? 1U : 0U;
  });
  return arms;
}

}  // namespace flotilla::rollout
