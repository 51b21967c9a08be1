#include "controller/rollout/health_gate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/rollout/health_gate_noise.h"
#include "controller/rollout/silence.h"

namespace flotilla::rollout {
namespace {

constexpr std::size_t kWorse = 2;
constexpr std::size_t kFailed = 3;
constexpr std::size_t kNoData = 4;
constexpr double kMostControlSilence = 0.2;
constexpr double kTwoSided95 = 1.96;
constexpr double kLeastOfRegression = 0.5;
// The noise of five counts together is below this many standard deviations with all but e^-60.
constexpr double kMostNoise = 25;

// One arm over all looks.
struct ArmSum {
  double reports = 0;
  double bad = 0;
  double no_data = 0;

  double share() const { return bad / reports; }
};

// By how much all counts together are off.
double TotalNoise(const HealthArm& arm) {
  const auto sum = std::accumulate(arm.counts.begin(), arm.counts.end(), std::int64_t{0});
  return static_cast<double>(sum) - static_cast<double>(arm.reports);
}

Status CheckArm(const HealthGatePolicy& policy, const HealthArm& arm) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  constexpr auto kMostCount = static_cast<std::int64_t>(2 * kMost);
  if (arm.reports > arm.asked || arm.asked > kMost) {
    return InvalidArgument("health gate: more reports than devices, or more than 10^9 of them");
  }
  for (const std::int64_t count : arm.counts) {
    if (count > kMostCount || count < -kMostCount) {
      return InvalidArgument("health gate: a count that no arm can have");
    }
  }
  const double deviation = std::sqrt(2 * kGateVerdicts * dp::NoiseVariance(policy.noise));
  if (std::abs(TotalNoise(arm)) > kMostNoise * deviation) {
    return InvalidArgument(absl::StrCat("health gate: counts that are not of ", arm.reports,
                                        " reports with this noise"));
  }
  return OkStatus();
}

Status CheckLooks(const HealthGatePolicy& policy, std::span<const HealthLook> looks) {
  FLOTILLA_RETURN_IF_ERROR(CheckGatePolicy(policy));
  if (looks.empty() || looks.size() > policy.noise.looks) {
    return InvalidArgument(
        absl::StrCat("health gate: ", looks.size(), " looks of ", policy.noise.looks));
  }
  for (const HealthLook& look : looks) {
    FLOTILLA_RETURN_IF_ERROR(CheckArm(policy, look.canary));
    FLOTILLA_RETURN_IF_ERROR(CheckArm(policy, look.control));
  }
  return OkStatus();
}

ArmSum SumOf(std::span<const HealthLook> looks, HealthArm HealthLook::*which) {
  ArmSum sum;
  for (const HealthLook& look : looks) {
    const HealthArm& arm = look.*which;
    const double noise = TotalNoise(arm);
    sum.reports += static_cast<double>(arm.reports);
    sum.bad += static_cast<double>(arm.counts[kWorse] + arm.counts[kFailed]) - kBadOfNoise * noise;
    sum.no_data += static_cast<double>(arm.counts[kNoData]) - kNoDataOfNoise * noise;
  }
  return sum;
}

SilenceGroup GroupOf(const HealthArm& arm) {
  return {static_cast<std::uint32_t>(arm.asked),
          static_cast<std::uint32_t>(arm.asked - arm.reports)};
}

std::string SilenceText(const HealthLook& look) {
  return absl::StrCat(look.canary.asked - look.canary.reports, " of ", look.canary.asked,
                      " canary devices are silent, ", look.control.asked - look.control.reports,
                      " of ", look.control.asked, " control devices");
}

HealthJudgement Hold(HealthReason reason, std::string evidence) {
  HealthJudgement judgement;
  judgement.verdict = HealthVerdict::kHold;
  judgement.reason = reason;
  judgement.evidence = std::move(evidence);
  return judgement;
}

// kUnspecified: the arms can be compared.
HealthJudgement JudgeReports(std::span<const HealthLook> looks) {
  const HealthLook& last = looks.back();
  const SilenceGroup canary = GroupOf(last.canary);
  const SilenceGroup control = GroupOf(last.control);
  if (control.silent > kMostControlSilence * control.devices) {
    return Hold(HealthReason::kControlSilent,
                absl::StrCat(SilenceText(last), ": that is not the release"));
  }
  if (SilenceFires(canary, control)) {
    return Hold(HealthReason::kCanarySilent, SilenceText(last));
  }
  for (const HealthLook& look : looks) {
    const std::uint64_t fewest = std::min(look.canary.reports, look.control.reports);
    if (fewest < kLeastGateArm) {
      return Hold(HealthReason::kTooFew,
                  absl::StrCat(fewest, " reports in an arm, ", kLeastGateArm, " are the least"));
    }
  }
  return {};
}

// What is left of a regression that only devices with data can show.
double Diluted(double regression, const ArmSum& canary, const ArmSum& control) {
  const double no_data = (canary.no_data + control.no_data) / (canary.reports + control.reports);
  return regression * (1 - std::clamp(no_data, 0.0, 1.0));
}

std::string Evidence(const HealthJudgement& judgement, const ArmSum& canary,
                     const ArmSum& control) {
  return absl::StrFormat(
      "%.1f %% bad verdicts against %.1f %%: %+.1f points, 95 %% interval %.1f, "
      "Z %.2f",
      100 * canary.share(), 100 * control.share(), 100 * judgement.increase,
      100 * judgement.interval_95, judgement.z);
}

HealthJudgement Compare(const HealthGatePolicy& policy, std::size_t looks, const ArmSum& canary,
                        const ArmSum& control) {
  const auto count = static_cast<double>(looks);
  const GateSizes sizes{canary.reports / count, control.reports / count, count, policy.noise};
  const double pooled = std::clamp((canary.bad + control.bad) / (canary.reports + control.reports),
                                   policy.base_rate, 1.0);
  const double deviation = std::sqrt(DifferenceVariance(sizes, pooled, pooled));
  HealthJudgement judgement;
  judgement.increase = canary.share() - control.share();
  judgement.interval_95 = kTwoSided95 * deviation;
  judgement.z = judgement.increase / deviation;
  judgement.evidence = Evidence(judgement, canary, control);
  const double regression = Diluted(policy.regression, canary, control);
  // As far as the increase would be off, were the regression there.
  const double before = std::clamp(control.share(), policy.base_rate, 1 - regression);
  const double off = MissQuantile(static_cast<std::uint32_t>(looks), policy.noise.looks) *
                     std::sqrt(DifferenceVariance(sizes, before + regression, before));
  if (judgement.z > FailBound(sizes, pooled) &&
      judgement.increase >= kLeastOfRegression * regression) {
    judgement.verdict = HealthVerdict::kFail;
    judgement.reason = HealthReason::kRegressionFound;
  } else if (judgement.increase + off <= regression) {
    judgement.verdict = HealthVerdict::kPass;
    judgement.reason = HealthReason::kRegressionExcluded;
  } else {
    judgement.verdict = HealthVerdict::kHold;
    judgement.reason =
        looks < policy.noise.looks ? HealthReason::kLookAgain : HealthReason::kUndecided;
  }
  return judgement;
}

}  // namespace

StatusOr<HealthJudgement> JudgeHealthGate(const HealthGatePolicy& policy,
                                          std::span<const HealthLook> looks) {
  FLOTILLA_RETURN_IF_ERROR(CheckLooks(policy, looks));
  HealthJudgement judgement = JudgeReports(looks);
  if (judgement.verdict != HealthVerdict::kUnspecified) {
    return judgement;
  }
  const ArmSum canary = SumOf(looks, &HealthLook::canary);
  const ArmSum control = SumOf(looks, &HealthLook::control);
  judgement = Compare(policy, looks.size(), canary, control);
  const GateArms arms{static_cast<std::uint64_t>(canary.reports) / looks.size(),
                      static_cast<std::uint64_t>(control.reports) / looks.size()};
  const GatePlan plan = PlanGate(policy, arms);
  if (plan.use == GateUse::kSmokeOnly) {
    judgement.verdict = HealthVerdict::kHold;
    judgement.reason = HealthReason::kSmokeOnly;
    judgement.evidence = absl::StrCat(plan.sentence, "; ", judgement.evidence);
  }
  return judgement;
}

}  // namespace flotilla::rollout
