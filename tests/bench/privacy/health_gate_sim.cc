#include "tests/bench/privacy/health_gate_sim.h"

#include <cmath>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "tests/support/seeded_random.h"

namespace flotilla::rollout {
namespace {

constexpr int kAggregators = 2;
using Verdicts = std::array<std::uint64_t, kGateVerdicts>;

std::uint64_t Binomial(std::uint64_t trials, double probability, std::mt19937_64& engine) {
  if (trials == 0 || probability <= 0) {
    return 0;
  }
  return std::binomial_distribution<std::uint64_t>(trials, std::min(probability, 1.0))(engine);
}

// better, same, worse, failed, no-data of so many devices. Every tenth that is not bad is better;
// of the bad every fourth failed.
Verdicts Draw(std::uint64_t devices, double bad_share, double no_data_share,
              std::mt19937_64& engine) {
  const std::uint64_t no_data = Binomial(devices, no_data_share, engine);
  const std::uint64_t bad = Binomial(devices - no_data, bad_share, engine);
  const std::uint64_t failed = Binomial(bad, 0.25, engine);
  const std::uint64_t better = Binomial(devices - no_data - bad, 0.1, engine);
  return {better, devices - no_data - bad - better, bad - failed, failed, no_data};
}

// The second look: some say what they said, the others anew.
Verdicts DrawAgain(const Verdicts& before, double carry, double bad_share, double no_data_share,
                   std::mt19937_64& engine) {
  Verdicts kept{};
  std::uint64_t anew = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept.at(i) = Binomial(before.at(i), carry, engine);
    anew += before.at(i) - kept.at(i);
  }
  const Verdicts fresh = Draw(anew, bad_share, no_data_share, engine);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept.at(i) += fresh.at(i);
  }
  return kept;
}

StatusOr<HealthArm> Collected(const Verdicts& verdicts, const dp::NoisePolicy& noise,
                              Random& random) {
  HealthArm arm;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    arm.reports += verdicts.at(i);
    arm.counts.at(i) = static_cast<std::int64_t>(verdicts.at(i));
  }
  arm.asked = arm.reports;
  for (int aggregator = 0; aggregator < kAggregators; ++aggregator) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto added, dp::DrawNoise(noise, kGateVerdicts, random));
    for (std::size_t i = 0; i < added.size(); ++i) {
      arm.counts.at(i) += added[i];
    }
  }
  return arm;
}

class OneGate {
 public:
  OneGate(const HealthGatePolicy& policy, const GateTruth& truth)
      : policy_(policy), truth_(truth) {}

  Status Play(std::mt19937_64& engine, Random& random, GateTally& tally) const {
    const double bad = truth_.base_rate + truth_.regression;
    Verdicts canary = Draw(truth_.canary, bad, truth_.no_data, engine);
    Verdicts control = Draw(truth_.control, truth_.base_rate, truth_.no_data, engine);
    std::vector<HealthLook> looks;
    HealthJudgement judgement;
    do {
      if (!looks.empty()) {
        canary = DrawAgain(canary, truth_.carry, bad, truth_.no_data, engine);
        control = DrawAgain(control, truth_.carry, truth_.base_rate, truth_.no_data, engine);
      }
      HealthLook look;
      FLOTILLA_ASSIGN_OR_RETURN(look.canary, Collected(canary, truth_.noise, random));
      FLOTILLA_ASSIGN_OR_RETURN(look.control, Collected(control, truth_.noise, random));
      looks.push_back(look);
      FLOTILLA_ASSIGN_OR_RETURN(judgement, JudgeHealthGate(policy_, looks));
      tally.second_looks += looks.size() == 2 ? 1 : 0;
    } while (judgement.reason == HealthReason::kLookAgain);
    Count(judgement, looks.size(), tally);
    return OkStatus();
  }

 private:
  static void Count(const HealthJudgement& judgement, std::size_t looks, GateTally& tally) {
    ++tally.runs;
    if (judgement.verdict == HealthVerdict::kFail) {
      ++(looks == 1 ? tally.first_fails : tally.second_fails);
    } else if (judgement.verdict == HealthVerdict::kPass) {
      ++tally.passes;
    } else {
      ++tally.holds;
      const bool smoke =
          judgement.reason == HealthReason::kSmokeOnly || judgement.reason == HealthReason::kTooFew;
      tally.smoke_only += smoke ? 1 : 0;
    }
  }

  const HealthGatePolicy& policy_;
  const GateTruth& truth_;
};

}  // namespace

StatusOr<GateTally> PlayGates(const HealthGatePolicy& policy, const GateTruth& truth,
                              std::uint32_t runs, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  SeededRandom random(seed + 1);
  const OneGate gate(policy, truth);
  GateTally tally;
  for (std::uint32_t run = 0; run < runs; ++run) {
    FLOTILLA_RETURN_IF_ERROR(gate.Play(engine, random, tally));
  }
  return tally;
}

std::uint32_t BinomialBound(std::uint32_t trials, double probability, double tail) {
  const double odds = std::log(probability) - std::log1p(-probability);
  double logarithm = trials * std::log1p(-probability);  // of the probability of `count`
  double above = 1;                                      // of more than `count`
  for (std::uint32_t count = 0; count < trials; ++count) {
    above -= std::exp(logarithm);
    if (above <= tail) {
      return count;
    }
    logarithm += odds + std::log(trials - count) - std::log(count + 1);
  }
  return trials;
}

}  // namespace flotilla::rollout
