#include "controller/rollout/sprt.h"

#include <algorithm>
#include <cmath>

namespace flotilla::rollout {
namespace {

constexpr double kP0 = 0.01;
constexpr double kP1 = 0.05;
constexpr double kAlpha = 0.01;
constexpr double kBeta = 0.05;

double Or(double value, double otherwise) {
  return value > 0 ? value : otherwise;
}

}  // namespace

Sprt::Sprt(const v1::JudgePolicy& policy) {
  const double p0 = Or(policy.p0(), kP0);
  const double p1 = Or(policy.p1(), kP1);
  const double alpha = Or(policy.alpha(), kAlpha);
  const double beta = Or(policy.beta(), kBeta);
  failure_step_ = std::log(p1 / p0);
  success_step_ = std::log((1 - p1) / (1 - p0));
  abort_bound_ = std::log((1 - beta) / alpha);
  pass_bound_ = std::log(beta / (1 - alpha));
}

double Sprt::Llr(std::uint32_t failures, std::uint32_t successes) const {
  return failures * failure_step_ + successes * success_step_;
}

bool Sprt::Aborts(std::uint32_t failures, std::uint32_t attempted) const {
  return Llr(failures, attempted - std::min(failures, attempted)) >= abort_bound_;
}

bool Sprt::Passes(std::uint32_t failures, std::uint32_t successes) const {
  return Llr(failures, successes) <= pass_bound_;
}

std::uint32_t Sprt::CleanPass() const {
  return static_cast<std::uint32_t>(std::ceil(pass_bound_ / success_step_));
}

}  // namespace flotilla::rollout
