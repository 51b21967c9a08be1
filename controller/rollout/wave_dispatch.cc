#include "controller/rollout/wave_dispatch.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "controller/rollout/evidence.h"
#include "controller/rollout/hold.h"
#include "controller/rollout/judge.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/rate_ramp.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/stratum_hold.h"
#include "controller/rollout/wave_choice.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

using Candidate = CandidateIndex::Candidate;

// Whether there is anything to judge the wave by. Only the last wave may rest on earlier ones.
bool HasResult(const RolloutRun& run) {
  const auto has_result = [](const v1::Wave& wave) {
    return wave.members() > EvidenceOf(wave).open;
  };
  if (run.IsLastWave(run.row().current_wave())) {
    return std::any_of(run.row().waves().begin(), run.row().waves().end(), has_result);
  }
  return has_result(run.current_wave());
}

std::uint32_t CapOf(const RolloutRun& run, Lane lane) {
  if (lane == Lane::kCatchUp) {
    return kCatchUpCap;
  }
  return InFlightCap(run.spec(), run.current_wave().spec(), run.row().current_wave());
}

// A freeze, or a window of its own, keeps the device from being offered anything.
bool MayNotBeOffered(const RolloutRun& run, const v1::Device& device, const Turn& turn) {
  return turn.policies.Holding(device) != nullptr || !MayBeOffered(run, device);
}

bool KeepsAnotherRelease(const RolloutRun& run, const std::string& device_id, const Turn& turn) {
  const v1::Pin* pin = turn.policies.PinOf(device_id, run.spec().line());
  return pin != nullptr && pin->release().sha256() != run.row().release().sha256();
}

// The device that is offered to next, nullptr without one. Those at the front that cannot start are
// parked: what they wait for wakes them.
v1::RolloutDevice* NextReady(RolloutRun& run, Lane lane, const Turn& turn) {
  MemberIndex& index = run.index();
  const std::uint32_t per_site = run.spec().delivery().per_site();
  while (!index.ready(lane).empty()) {
    v1::RolloutDevice& row = *run.FindDevice(index.ready(lane).begin()->second);
    const v1::Device* device = turn.fleet.FindDevice(row.device_id());
    if (KeepsAnotherRelease(run, row.device_id(), turn)) {
      run.Move(row, v1::DEPLOYMENT_STATE_REJECTED_PINNED, v1::FAILURE_REASON_POLICY_OPERATOR_HOLD,
               turn);
      PauseAtOutcome(run, row, turn);
      if (run.Is(v1::ROLLOUT_STATE_PAUSED)) {
        return nullptr;
      }
    } else if (!IsReachable(device) || IsHeld(run, row, device) ||
               MayNotBeOffered(run, *device, turn)) {
      index.Park(row);
      run.WakeSite(row.site());
    } else if (per_site > 0 && !row.site().empty() && index.SiteBusy(row.site()) >= per_site) {
      index.ParkForSite(row);
    } else {
      return &row;
    }
  }
  return nullptr;
}

bool AnyReachableBusy(const RolloutRun& run, const Turn& turn) {
  const MemberIndex::Ordered& busy = run.index().busy(Lane::kQuorum);
  return std::any_of(busy.begin(), busy.end(), [&](const auto& entry) {
    return IsReachable(turn.fleet.FindDevice(entry.second));
  });
}

// Parked devices that wait for a place at their site.
bool AnyWaitsForSite(const RolloutRun& run, const Turn& turn) {
  const MemberIndex::Ordered& parked = run.index().parked(Lane::kQuorum);
  return std::any_of(parked.begin(), parked.end(), [&](const auto& entry) {
    const v1::Device* device = turn.fleet.FindDevice(entry.second);
    return IsReachable(device) && !IsHeld(run, *run.FindDevice(entry.second), device);
  });
}

std::uint32_t Succeeded(const RolloutRun& run) {
  std::uint32_t succeeded = 0;
  for (const v1::Wave& wave : run.row().waves()) {
    succeeded += EvidenceOf(wave).succeeded;
  }
  return succeeded;
}

std::vector<std::string> IdsOf(const MemberIndex::Ordered& devices) {
  std::vector<std::string> ids;
  ids.reserve(devices.size());
  for (const auto& [order, device_id] : devices) {
    ids.push_back(device_id);
  }
  return ids;
}

void MoveAll(RolloutRun& run, const std::vector<std::string>& ids, const Turn& turn) {
  for (const std::string& device_id : ids) {
    v1::RolloutDevice& row = *run.FindDevice(device_id);
    if (row.state() == v1::DEPLOYMENT_STATE_OFFERED) {
      run.Move(row, v1::DEPLOYMENT_STATE_PENDING, v1::FAILURE_REASON_UNSPECIFIED, turn);
    }
    run.MoveToCatchUp(row, turn);
  }
}

void AddAll(RolloutRun& run, const std::vector<Candidate>& chosen, const Turn& turn) {
  for (const Candidate& candidate : chosen) {
    run.AddDevice(candidate.device_id, run.row().current_wave(), turn);
  }
  v1::Wave& wave = run.current_wave();
  wave.set_small(IsSmall(run.sprt(), wave.members()));
  turn.changes.NoteRollout(run);
}

// Nobody of the wave has begun and none of its open devices can be reached: as many reachable ones
// take their place, if there are any.
void ReplaceSilent(RolloutRun& run, const Turn& turn) {
  std::vector<std::string> silent = IdsOf(run.index().parked(Lane::kQuorum));
  const std::vector<std::string> offered = IdsOf(run.index().busy(Lane::kQuorum));
  const bool begun = std::any_of(offered.begin(), offered.end(), [&](const std::string& id) {
    return IsAttempting(run.FindDevice(id)->state());
  });
  silent.insert(silent.end(), offered.begin(), offered.end());
  if (begun || silent.empty() || run.nobody_to_take || run.IsLastWave(run.row().current_wave())) {
    return;
  }
  const std::vector<Candidate> chosen = Choose(run, silent.size(), silent.size(), turn);
  run.nobody_to_take = chosen.empty();
  if (chosen.empty()) {
    return;
  }
  AddAll(run, chosen, turn);
  MoveAll(run, silent, turn);
  OfferPending(run, Lane::kQuorum, turn);
}

}  // namespace

Dispatched DispatchWave(RolloutRun& run, const Turn& turn) {
  const bool first = run.row().current_wave() == 0;
  if (first && run.nobody_to_take) {
    return Dispatched::kNoReachableDevice;
  }
  const std::vector<Candidate> chosen = ChooseWave(run, turn);
  const bool anyone_reachable =
      std::any_of(chosen.begin(), chosen.end(), [&](const Candidate& candidate) {
        return IsReachable(turn.fleet.FindDevice(candidate.device_id));
      });
  if (first && !anyone_reachable) {
    run.nobody_to_take = true;
    return Dispatched::kNoReachableDevice;
  }
  AddAll(run, chosen, turn);
  v1::Wave& wave = run.current_wave();
  wave.set_state(v1::WAVE_STATE_DISPATCHING);
  *wave.mutable_dispatched_at() = ToWire(turn.now);
  return Dispatched::kYes;
}

std::uint32_t WidenWave(RolloutRun& run, const Turn& turn) {
  v1::Wave& wave = run.current_wave();
  if (run.IsLastWave(run.row().current_wave())) {
    return 0;
  }
  const std::size_t size =
      std::max(run.sprt().CleanPass(), wave.members() / (wave.extensions() + 1));
  const std::vector<Candidate> chosen = Choose(run, size, size, turn);
  if (chosen.empty()) {
    return 0;
  }
  AddAll(run, chosen, turn);
  wave.set_state(v1::WAVE_STATE_DISPATCHING);
  *wave.mutable_dispatched_at() = ToWire(turn.now);
  wave.clear_held_for();
  wave.clear_soak_ends_at();
  return static_cast<std::uint32_t>(chosen.size());
}

void AdmitLateDevice(RolloutRun& run, const v1::Device& device, const Turn& turn) {
  const auto last = static_cast<std::uint32_t>(run.row().waves_size() - 1);
  if (!run.wave(last).has_dispatched_at() || run.FindDevice(device.id()) != nullptr ||
      !IsServed(device) || !run.selector().Matches(device)) {
    return;
  }
  run.AddDevice(device.id(), last, turn);
}

void OfferPending(RolloutRun& run, Lane lane, const Turn& turn) {
  const std::uint32_t cap = CapOf(run, lane);
  const std::optional<double> rate = RateAfter(run.spec().delivery().rate(), Succeeded(run));
  while (run.InFlight(lane) < cap) {
    v1::RolloutDevice* row = NextReady(run, lane, turn);
    if (row == nullptr || !run.tokens().Take(rate, turn.now)) {
      return;
    }
    run.Move(*row, v1::DEPLOYMENT_STATE_OFFERED, v1::FAILURE_REASON_UNSPECIFIED, turn);
  }
}

bool WaitsToBeOffered(const RolloutRun& run) {
  return !run.index().ready(Lane::kQuorum).empty() || !run.index().parked(Lane::kQuorum).empty();
}

bool AnyHeldByRules(const RolloutRun& run, const Turn& turn) {
  const MemberIndex& index = run.index();
  for (const MemberIndex::Ordered* open :
       {&index.busy(Lane::kQuorum), &index.ready(Lane::kQuorum), &index.parked(Lane::kQuorum)}) {
    for (const auto& [order, device_id] : *open) {
      const v1::Device* device = turn.fleet.FindDevice(device_id);
      const v1::DeploymentState state = run.FindDevice(device_id)->state();
      if (device != nullptr && (MayNotBeOffered(run, *device, turn) ||
                                WindowHold(run, *device, state) != v1::HOLD_MODE_UNSPECIFIED)) {
        return true;
      }
    }
  }
  return false;
}

void SetOfflineApart(RolloutRun& run, const Turn& turn) {
  if (AnyReachableBusy(run, turn)) {
    return;
  }
  const bool pending = NextReady(run, Lane::kQuorum, turn) != nullptr || AnyWaitsForSite(run, turn);
  if (!HasResult(run)) {
    if (!pending) {
      ReplaceSilent(run, turn);
    }
    return;
  }
  MoveAll(run, IdsOf(run.index().busy(Lane::kQuorum)), turn);
  if (!pending) {
    MoveAll(run, IdsOf(run.index().parked(Lane::kQuorum)), turn);
    return;
  }
  OfferPending(run, Lane::kQuorum, turn);
}

}  // namespace flotilla::rollout
