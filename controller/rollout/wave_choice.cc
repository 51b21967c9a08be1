#include "controller/rollout/wave_choice.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/rollout/cohort.h"
#include "controller/rollout/reach.h"
#include "controller/rollout/selector.h"

namespace flotilla::rollout {
namespace {

constexpr double kWholeFleet = 100.0;

using Candidate = CandidateIndex::Candidate;

Selector WaveSelector(const v1::WaveSpec& spec) {
  auto selector = Selector::Parse(spec.selector());
  return selector.ok() ? *std::move(selector) : Selector();  // Checked at creation.
}

// Can be reached, and is not pinned to anything: a wave before the last is to say something.
bool MayTry(const RolloutRun& run, const v1::Device& device, const Turn& turn) {
  return IsReachable(&device) && turn.policies.PinOf(device.id(), run.spec().line()) == nullptr;
}

std::string StratumOf(const v1::WaveSpec& spec, const v1::Device& device) {
  const LabelMap labels = LabelsOf(device);
  std::string stratum;
  for (const std::string& key : spec.stratify_by()) {
    const auto label = labels.find(key);
    absl::StrAppend(&stratum, label == labels.end() ? "" : label->second, ",");
  }
  return stratum;
}

// What the strata of the wave still lack, in cohort order. Looks at every candidate.
void FillStrata(RolloutRun& run, std::vector<Candidate>& chosen, const Turn& turn) {
  const v1::WaveSpec& spec = run.current_wave().spec();
  const Selector selector = WaveSelector(spec);
  std::map<std::string, std::uint32_t> strata;
  std::set<std::string> taken;
  for (const Candidate& candidate : chosen) {
    ++strata[StratumOf(spec, *turn.fleet.FindDevice(candidate.device_id))];
    taken.insert(candidate.device_id);
  }
  run.Candidates(turn.fleet).ForEach(CandidateIndex::Order::kHash, [&](const Candidate& candidate) {
    const v1::Device* device = turn.fleet.FindDevice(candidate.device_id);
    if (device == nullptr || !MayTry(run, *device, turn) || taken.contains(candidate.device_id) ||
        !selector.Matches(*device)) {
      return true;
    }
    std::uint32_t& count = strata[StratumOf(spec, *device)];
    if (count < spec.min_per_stratum()) {
      ++count;
      chosen.push_back(candidate);
    }
    return true;
  });
}

// The devices that the current wave takes when it is dispatched.
std::vector<Candidate> ChooseBySize(RolloutRun& run, const Turn& turn) {
  const v1::WaveSpec& spec = run.current_wave().spec();
  if (spec.count() > 0) {
    return Choose(run, spec.count(), spec.count(), turn);
  }
  const std::uint32_t first = run.row().current_wave() == 0 ? 1 : 0;
  return Choose(run, std::max(spec.min(), first), std::numeric_limits<std::size_t>::max(), turn);
}

}  // namespace

std::vector<CandidateIndex::Candidate> Choose(RolloutRun& run, std::size_t least, std::size_t most,
                                              const Turn& turn) {
  const v1::WaveSpec& spec = run.current_wave().spec();
  const bool last = run.IsLastWave(run.row().current_wave());
  const bool share = spec.percent() > 0 && spec.percent() < kWholeFleet;
  const auto limit = static_cast<std::uint64_t>(std::llround(spec.percent() * 100));
  const Selector selector = WaveSelector(spec);
  std::vector<Candidate> chosen;
  const auto visit = [&](const Candidate& candidate) {
    const bool inside = !share || candidate.order % kCohortBuckets < limit;
    if (chosen.size() >= most || (!inside && chosen.size() >= least)) {
      return false;
    }
    const v1::Device* device = turn.fleet.FindDevice(candidate.device_id);
    if (device != nullptr && (last || MayTry(run, *device, turn)) &&
        (selector.matches_all() || selector.Matches(*device))) {
      chosen.push_back(candidate);
    }
    return true;
  };
  run.Candidates(turn.fleet)
      .ForEach(share ? CandidateIndex::Order::kBucket : CandidateIndex::Order::kHash, visit);
  return chosen;
}

std::vector<CandidateIndex::Candidate> ChooseWave(RolloutRun& run, const Turn& turn) {
  std::vector<Candidate> chosen = ChooseBySize(run, turn);
  if (!run.current_wave().spec().stratify_by().empty()) {
    FillStrata(run, chosen, turn);
  }
  return chosen;
}

}  // namespace flotilla::rollout
