#include "telemetry/dp/noise.h"

#include <cmath>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "telemetry/dp/discrete_gaussian.h"
#include "telemetry/dp/discrete_laplace.h"
#include "telemetry/dp/ratio.h"

namespace flotilla::dp {
namespace {

constexpr std::uint64_t kMaxPart = 1'000'000'000;
constexpr std::uint64_t kMinEpsilonInverse = 1000;
constexpr std::uint64_t kMaxEpsilon = 8;
constexpr std::uint64_t kMaxSigma = 1'000'000;
constexpr std::uint32_t kMaxLooks = 16;

bool IsWithin(const Fraction& f, std::uint64_t least_inverse, std::uint64_t most) {
  if (f.numerator == 0 || f.numerator > kMaxPart || f.denominator == 0 ||
      f.denominator > kMaxPart) {
    return false;
  }
  return f.numerator * least_inverse >= f.denominator && f.numerator <= f.denominator * most;
}

double ValueOf(const Fraction& f) {
  return static_cast<double>(f.numerator) / static_cast<double>(f.denominator);
}

BigInt DrawOne(const NoisePolicy& policy, Random& random) {
  const BigInt n = policy.parameter.numerator;
  const BigInt d = policy.parameter.denominator;
  return policy.mechanism == Mechanism::kDiscreteLaplace
             ? SampleDiscreteLaplace(Ratio(kHistogramL1Sensitivity * d, n), random)
             : SampleDiscreteGaussian(Ratio(n, d), random);
}

}  // namespace

Status CheckPolicy(const NoisePolicy& policy) {
  if (policy.looks == 0 || policy.looks > kMaxLooks) {
    return InvalidArgument("noise policy: looks is between 1 and 16");
  }
  switch (policy.mechanism) {
    case Mechanism::kDiscreteLaplace:
      return IsWithin(policy.parameter, kMinEpsilonInverse, kMaxEpsilon)
                 ? OkStatus()
                 : InvalidArgument("noise policy: epsilon is between 1/1000 and 8");
    case Mechanism::kDiscreteGaussian:
      return IsWithin(policy.parameter, 1, kMaxSigma)
                 ? OkStatus()
                 : InvalidArgument("noise policy: sigma is between 1 and 1,000,000");
    case Mechanism::kUnspecified:
      break;
  }
  return InvalidArgument("noise policy: the mechanism is missing or unknown");
}

StatusOr<std::vector<std::int64_t>> DrawNoise(const NoisePolicy& policy, std::size_t buckets,
                                              Random& random) {
  FLOTILLA_RETURN_IF_ERROR(CheckPolicy(policy));
  std::vector<std::int64_t> noise;
  noise.reserve(buckets);
  while (noise.size() < buckets) {
    const BigInt value = DrawOne(policy, random);
    // Within the limits of CheckPolicy this has a probability below e^(-10^12).
    if (boost::multiprecision::abs(value) > std::numeric_limits<std::int64_t>::max()) {
      return Internal("noise of more than 63 bits: the randomness is broken");
    }
    noise.push_back(static_cast<std::int64_t>(value));
  }
  return noise;
}

double NoiseVariance(const NoisePolicy& policy) {
  if (policy.mechanism == Mechanism::kDiscreteGaussian) {
    return ValueOf(policy.parameter) * ValueOf(policy.parameter);
  }
  // 2 q / (1 - q)^2 for q = e^(-1/b).
  const double q = std::exp(-ValueOf(policy.parameter) / kHistogramL1Sensitivity);
  return 2 * q / ((1 - q) * (1 - q));
}

}  // namespace flotilla::dp
