#include "controller/rollout/sim/sim_draws.h"

#include <cmath>
#include <cstring>

#include <numbers>

namespace flotilla::rollout {
namespace {

constexpr int kMantissa = 53;
constexpr double kSigma = 0.5;

}  // namespace

double SimDraws::Uniform() {
  if (at_ + sizeof(std::uint64_t) > bytes_.size()) {
    random_.Fill(bytes_);
    at_ = 0;
  }
  std::uint64_t value = 0;
  std::memcpy(&value, bytes_.data() + at_, sizeof(value));
  at_ += sizeof(value);
  return std::ldexp(static_cast<double>(value >> (64 - kMantissa)), -kMantissa);
}

std::uint32_t SimDraws::Below(std::uint32_t limit) {
  return static_cast<std::uint32_t>(Uniform() * limit);
}

Duration SimDraws::Exponential(Duration mean) {
  return mean * -std::log1p(-Uniform());
}

Duration SimDraws::Spread(Duration median) {
  // Box and Muller's normal deviate.
  const double normal =
      std::sqrt(-2 * std::log1p(-Uniform())) * std::cos(2 * std::numbers::pi * Uniform());
  return median * std::exp(kSigma * normal);
}

}  // namespace flotilla::rollout
