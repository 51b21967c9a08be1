#include "tests/bench/privacy/audit.h"

#include <cmath>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include "telemetry/dp/cost.h"

namespace flotilla::dp {
namespace {

using Counts = std::vector<std::int64_t>;
using Event = std::function<bool(const Counts&)>;

constexpr double kMiss = 0.001;  // of each of the two bounds
constexpr std::array<std::int64_t, 2> kOne = {50,
                                              50};  // the last device votes for the first bucket
constexpr std::array<std::int64_t, 2> kOther = {49, 51};  // or for the second

struct Rates {
  double least_one = 0;   // lower bound of the event's probability in kOne
  double most_other = 0;  // upper bound in kOther
};

std::uint32_t CountEvents(const std::array<std::int64_t, 2>& truth, const Event& event,
                          const NoiseSource& noise, std::uint32_t runs, Random& random) {
  std::uint32_t seen = 0;
  for (std::uint32_t run = 0; run < runs; ++run) {
    Counts published = noise(truth.size(), random);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      published[i] += truth.at(i);
    }
    seen += event(published) ? 1U : 0U;
  }
  return seen;
}

Rates Measure(const Event& event, const NoiseSource& noise, std::uint32_t runs, Random& random) {
  using boost::math::binomial_distribution;
  const std::uint32_t one = CountEvents(kOne, event, noise, runs, random);
  const std::uint32_t other = CountEvents(kOther, event, noise, runs, random);
  return {binomial_distribution<>::find_lower_bound_on_p(runs, one, kMiss),
          binomial_distribution<>::find_upper_bound_on_p(runs, other, kMiss)};
}

AuditResult AuditLaplace(const NoisePolicy& policy, const NoiseSource& noise, std::uint32_t runs,
                         Random& random) {
  const Event event = [](const Counts& counts) {
    return counts[0] >= kOne[0] && counts[1] <= kOne[1];
  };
  const Rates rates = Measure(event, noise, runs, random);
  AuditResult result;
  result.claimed = static_cast<double>(policy.parameter.numerator) /
                   static_cast<double>(policy.parameter.denominator);
  result.measured = std::log(rates.least_one / rates.most_other);
  return result;
}

AuditResult AuditGaussian(const NoisePolicy& policy, const NoiseSource& noise, std::uint32_t runs,
                          Random& random) {
  const Event event = [](const Counts& counts) { return counts[0] >= counts[1]; };
  const Rates rates = Measure(event, noise, runs, random);
  const boost::math::normal normal;
  const double shift = boost::math::quantile(normal, rates.least_one) -
                       boost::math::quantile(normal, rates.most_other);
  AuditResult result;
  const double sigma = static_cast<double>(policy.parameter.numerator) /
                       static_cast<double>(policy.parameter.denominator);
  result.claimed = EpsilonOfZcdp(1 / (sigma * sigma), kDelta);
  result.measured = shift > 0 ? EpsilonOfZcdp(shift * shift / 2, kDelta) : 0;
  return result;
}

}  // namespace

AuditResult Audit(const NoisePolicy& policy, const NoiseSource& noise, std::uint32_t runs,
                  Random& random) {
  return policy.mechanism == Mechanism::kDiscreteLaplace
             ? AuditLaplace(policy, noise, runs, random)
             : AuditGaussian(policy, noise, runs, random);
}

NoiseSource ProductNoise(const NoisePolicy& policy) {
  return [policy](std::size_t buckets, Random& random) {
    return DrawNoise(policy, buckets, random).value();
  };
}

NoiseSource HalfTheNoise(const NoisePolicy& policy) {
  NoisePolicy half = policy;
  (policy.mechanism == Mechanism::kDiscreteLaplace ? half.parameter.numerator
                                                   : half.parameter.denominator) *= 2;
  return ProductNoise(half);
}

}  // namespace flotilla::dp
