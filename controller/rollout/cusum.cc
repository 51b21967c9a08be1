#include "controller/rollout/cusum.h"

#include <algorithm>
#include <cmath>

namespace flotilla::rollout {
namespace {

constexpr double kFalseAlarms = 0.02;
constexpr double kDefaultP1 = 0.05;

double StepOf(Outcome outcome, const Sprt& sprt) {
  switch (outcome) {
    case Outcome::kSuccess:
      return sprt.success_step();
    case Outcome::kQuality:
      return sprt.failure_step();
    default:
      return 0;
  }
}

}  // namespace

double CusumBound(std::uint32_t devices, const v1::JudgePolicy& policy) {
  const double p1 = policy.p1() > 0 ? policy.p1() : kDefaultP1;
  const double bound = std::log(std::max(1U, devices) * p1 / kFalseAlarms);
  return std::max(bound, Sprt(policy).failure_step());
}

double CusumAfter(double cusum, Outcome from, Outcome to, const Sprt& sprt) {
  return std::max(0.0, cusum - StepOf(from, sprt) + StepOf(to, sprt));
}

}  // namespace flotilla::rollout
