#include "fleetctl/sim/sim_batch.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "controller/rollout/sim/simulation.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/health/plan_random.h"

namespace flotilla::fleetctl {
namespace {

// Far apart for neighbouring runs (the golden ratio's fraction, as in SplitMix64).
constexpr std::uint64_t kStride = 0x9E3779B97F4A7C15ULL;
constexpr std::uint32_t kLeastInFlight = 50;
constexpr std::uint32_t kInFlightShare = 200;
constexpr std::uint32_t kLeastWave = 100;
constexpr double kRest = 100;

// Judges nothing: for what teaches the judge.
constexpr double kLooseP0 = 0.30;
constexpr double kLooseP1 = 0.45;

class Runs {
 public:
  Runs(const SimBatch& batch, const SimProgress& progress)
      : batch_(batch), progress_(progress), results_(batch.runs) {}

  void Work() {
    for (std::uint32_t i = next_++; i < batch_.runs; i = next_++) {
      PlanRandom draws(batch_.seed + kStride * (std::uint64_t{i} + 1));
      StatusOr<rollout::SimResult> result = rollout::Simulate(batch_.model, batch_.spec, draws);
      const std::lock_guard lock(mutex_);
      results_[i] = std::move(result);
      ++done_;
      if (progress_) {
        progress_(done_);
      }
    }
  }

  // After the threads have ended.
  StatusOr<std::vector<rollout::SimResult>> Take() {
    std::vector<rollout::SimResult> results;
    for (std::optional<StatusOr<rollout::SimResult>>& result : results_) {
      FLOTILLA_RETURN_IF_ERROR(result->status());
      results.push_back(**std::move(result));
    }
    return results;
  }

 private:
  const SimBatch& batch_;
  const SimProgress& progress_;
  std::atomic<std::uint32_t> next_ = 0;
  std::mutex mutex_;
  std::uint32_t done_ = 0;
  std::vector<std::optional<StatusOr<rollout::SimResult>>> results_;
};

}  // namespace

StatusOr<rollout::SimSummary> RunBatch(const SimBatch& batch, const SimProgress& progress) {
  Runs runs(batch, progress);
  {
    std::vector<std::jthread> threads;
    const unsigned jobs = std::clamp(batch.jobs, 1U, batch.runs == 0 ? 1U : batch.runs);
    for (unsigned i = 1; i < jobs; ++i) {
      threads.emplace_back([&runs] { runs.Work(); });
    }
    runs.Work();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<rollout::SimResult> results, runs.Take());
  return rollout::Summarise(results);
}

StatusOr<rollout::Calibration> CalibrateBatch(const SimBatch& batch) {
  rollout::SimModel model = batch.model;
  model.release_failures = 0;
  model.bad_class_failures = 0;
  v1::RolloutSpec spec = batch.spec;
  spec.mutable_strategy()->mutable_judge()->set_p0(kLooseP0);
  spec.mutable_strategy()->mutable_judge()->set_p1(kLooseP1);
  PlanRandom draws(batch.seed);
  FLOTILLA_ASSIGN_OR_RETURN(const rollout::SimResult result, rollout::Simulate(model, spec, draws));
  return rollout::Calibrate({result.rollout});
}

v1::RolloutSpec DefaultSimSpec(std::uint32_t devices, std::uint32_t in_flight, Duration soak) {
  v1::RolloutSpec spec;
  spec.set_name("simulated");
  spec.set_line("model");
  spec.set_version("2.0.0");
  const std::uint32_t cap =
      in_flight > 0 ? in_flight : std::max(kLeastInFlight, devices / kInFlightShare);
  spec.mutable_delivery()->set_max_in_flight(cap);
  const std::pair<const char*, double> shares[] = {
      {"canary", 0.01}, {"early", 0.05}, {"broad", 0.20}, {"half", 0.50}, {"rest", 0}};
  for (const auto& [name, share] : shares) {
    v1::WaveSpec& wave = *spec.mutable_strategy()->add_waves();
    wave.set_name(name);
    if (share > 0) {
      wave.set_count(
          std::max(kLeastWave, static_cast<std::uint32_t>(std::lround(share * devices))));
    } else {
      wave.set_percent(kRest);
    }
    wave.set_max_in_flight(cap);
    *wave.mutable_soak() = rollout::ToWire(soak);
  }
  return spec;
}

}  // namespace flotilla::fleetctl
