#include "controller/rollout/wave_dispatch.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/rollout/cohort.h"
#include "controller/rollout/evidence.h"
#include "controller/rollout/judge.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/rollout_spec.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr double kWholeFleet = 100.0;

struct Candidate {
  std::uint64_t order = 0;
  std::string device_id;
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tie(a.order, a.device_id) < std::tie(b.order, b.device_id);
  }
};

struct Choice {
  // Devices that no wave has yet and this one may take, in cohort order.
  std::vector<Candidate> candidates;
  // Devices that match the rollout, members included.
  std::uint32_t matching = 0;
};

Choice Candidates(const RolloutRun& run, const Selector& wave_selector, bool last,
                  const Turn& turn) {
  Choice choice;
  turn.fleet.ForEachDevice([&](const v1::Device& device) {
    if (!IsServed(device)) {
      return;
    }
    const LabelMap labels = LabelsOf(device);
    if (!run.selector().Matches(labels)) {
      return;
    }
    ++choice.matching;
    if (run.FindDevice(device.id()) == nullptr && wave_selector.Matches(labels) &&
        (last || IsReachable(&device))) {
      choice.candidates.push_back({CohortHash(run.id(), device.id()), device.id()});
    }
  });
  std::sort(choice.candidates.begin(), choice.candidates.end());
  return choice;
}

// How many of the candidates, which stand in cohort order, the wave takes.
std::size_t TakeCount(const v1::WaveSpec& spec, bool first, const Choice& choice) {
  if (spec.count() > 0) {
    return spec.count();
  }
  const auto limit = static_cast<std::uint64_t>(std::llround(spec.percent() * 100));
  const auto within =
      std::count_if(choice.candidates.begin(), choice.candidates.end(),
                    [&](const Candidate& c) { return c.order % kCohortBuckets < limit; });
  const std::uint32_t least = std::max(spec.min(), first ? 1U : 0U);
  return std::max<std::size_t>(static_cast<std::size_t>(within), least);
}

// Moves devices of a percentage to the front: their bucket decides, not their whole hash.
void OrderForPercent(const v1::WaveSpec& spec, Choice& choice) {
  if (spec.percent() <= 0 || spec.percent() >= kWholeFleet) {
    return;
  }
  std::stable_sort(choice.candidates.begin(), choice.candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return a.order % kCohortBuckets < b.order % kCohortBuckets;
                   });
}

Selector WaveSelector(const v1::WaveSpec& spec) {
  auto selector = Selector::Parse(spec.selector());
  return selector.ok() ? *std::move(selector) : Selector();  // Checked at creation.
}

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

// The open devices of the quorum by what they wait for.
struct OpenQuorum {
  std::vector<std::string> offline_pending;
  std::vector<std::string> offline_in_flight;
  bool reachable_pending = false;
  bool reachable_in_flight = false;
};

OpenQuorum SurveyQuorum(const RolloutRun& run, const Turn& turn) {
  OpenQuorum survey;
  for (const auto& [order, device_id] : run.open(Lane::kQuorum)) {
    const bool in_flight = IsInFlight(run.FindDevice(device_id)->state());
    if (IsReachable(turn.fleet.FindDevice(device_id))) {
      (in_flight ? survey.reachable_in_flight : survey.reachable_pending) = true;
    } else {
      (in_flight ? survey.offline_in_flight : survey.offline_pending).push_back(device_id);
    }
  }
  return survey;
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

// Nobody of the wave has begun and none of its open devices can be reached: as many reachable ones
// take their place, if there are any.
void ReplaceSilent(RolloutRun& run, const OpenQuorum& survey, const Turn& turn) {
  const std::uint32_t index = run.row().current_wave();
  std::vector<std::string> silent = survey.offline_pending;
  silent.insert(silent.end(), survey.offline_in_flight.begin(), survey.offline_in_flight.end());
  const bool begun = std::any_of(silent.begin(), silent.end(), [&](const std::string& device_id) {
    return IsAttempting(run.FindDevice(device_id)->state());
  });
  if (begun || silent.empty() || run.IsLastWave(index)) {
    return;
  }
  const Choice choice =
      Candidates(run, WaveSelector(run.current_wave().spec()), /*last=*/false, turn);
  if (choice.candidates.empty()) {
    return;
  }
  for (std::size_t i = 0; i < std::min(silent.size(), choice.candidates.size()); ++i) {
    run.AddDevice(choice.candidates[i].device_id, index, turn);
  }
  MoveAll(run, silent, turn);
  v1::Wave& wave = run.current_wave();
  wave.set_small(IsSmall(run.sprt(), wave.members()));
  turn.changes.NoteRollout(run);
  OfferPending(run, Lane::kQuorum, turn);
}

}  // namespace

Dispatched DispatchWave(RolloutRun& run, const Turn& turn) {
  const std::uint32_t index = run.row().current_wave();
  const v1::WaveSpec& spec = run.current_wave().spec();
  Choice choice = Candidates(run, WaveSelector(spec), run.IsLastWave(index), turn);
  const bool anyone_reachable = std::any_of(
      choice.candidates.begin(), choice.candidates.end(),
      [&](const Candidate& c) { return IsReachable(turn.fleet.FindDevice(c.device_id)); });
  if (index == 0 && !anyone_reachable) {
    return Dispatched::kNoReachableDevice;
  }
  OrderForPercent(spec, choice);
  const std::size_t take = std::min(TakeCount(spec, index == 0, choice), choice.candidates.size());
  for (std::size_t i = 0; i < take; ++i) {
    run.AddDevice(choice.candidates[i].device_id, index, turn);
  }
  v1::Wave& wave = run.current_wave();
  wave.set_state(v1::WAVE_STATE_DISPATCHING);
  wave.set_small(IsSmall(run.sprt(), wave.members()));
  *wave.mutable_dispatched_at() = ToWire(turn.now);
  turn.changes.NoteRollout(run);
  return Dispatched::kYes;
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
  const RolloutRun::OpenSet open = run.open(lane);
  for (const auto& [order, device_id] : open) {
    if (run.InFlight(lane) >= cap) {
      return;
    }
    v1::RolloutDevice& row = *run.FindDevice(device_id);
    if (row.state() == v1::DEPLOYMENT_STATE_PENDING &&
        IsReachable(turn.fleet.FindDevice(device_id))) {
      run.Move(row, v1::DEPLOYMENT_STATE_OFFERED, v1::FAILURE_REASON_UNSPECIFIED, turn);
    }
  }
}

void SetOfflineApart(RolloutRun& run, const Turn& turn) {
  OpenQuorum survey = SurveyQuorum(run, turn);
  if (survey.reachable_in_flight) {
    return;
  }
  if (!HasResult(run)) {
    if (!survey.reachable_pending) {
      ReplaceSilent(run, survey, turn);
    }
    return;
  }
  MoveAll(run, survey.offline_in_flight, turn);
  if (!survey.reachable_pending) {
    MoveAll(run, survey.offline_pending, turn);
    return;
  }
  OfferPending(run, Lane::kQuorum, turn);
}

}  // namespace flotilla::rollout
