// Seeded, so that they cannot flake; the tolerances are such that about one other seed in 10,000
// would fail.
#include <cmath>

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include <gtest/gtest.h>

#include "telemetry/dp/bernoulli.h"
#include "telemetry/dp/discrete_gaussian.h"
#include "telemetry/dp/discrete_laplace.h"
#include "telemetry/dp/ratio.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/telemetry/dp/byte_script.h"

namespace flotilla::dp {
namespace {

constexpr int kDraws = 60'000;

// How far the heads of a coin thrown kDraws times are from probability p, in standard deviations.
double Deviation(double p, const std::function<bool()>& coin) {
  int heads = 0;
  for (int i = 0; i < kDraws; ++i) {
    heads += coin() ? 1 : 0;
  }
  return std::abs(heads - kDraws * p) / std::sqrt(kDraws * p * (1 - p));
}

// Chi-square of kDraws samples against `weight` (any scale), in standard deviations of its normal
// approximation. Values with fewer than 20 expected samples are one class.
double ChiSquareDeviation(const std::function<double(int)>& weight,
                          const std::function<BigInt()>& draw) {
  constexpr int kFar = 4000;
  double total = 0;
  for (int y = -kFar; y <= kFar; ++y) {
    total += weight(y);
  }
  std::map<BigInt, int> counts;
  for (int i = 0; i < kDraws; ++i) {
    ++counts[draw()];
  }
  double chi_square = 0;
  double rest_expected = kDraws;
  int rest_seen = kDraws;
  int freedom = -1;
  const auto add = [&](double seen, double expected) {
    chi_square += (seen - expected) * (seen - expected) / expected;
    ++freedom;
  };
  for (int y = -kFar; y <= kFar; ++y) {
    const double expected = kDraws * weight(y) / total;
    if (expected >= 20) {
      add(counts[y], expected);
      rest_expected -= expected;
      rest_seen -= counts[y];
    }
  }
  if (rest_expected > 1) {
    add(rest_seen, rest_expected);
  }
  return (chi_square - freedom) / std::sqrt(2.0 * freedom);
}

TEST(Bernoulli, IsExactInASmallCase) {
  // 3/4: one word of three bits; 0 to 3 stay, 4 to 7 are dropped; true for 0, 1 and 2.
  for (unsigned u = 0; u < 4; ++u) {
    ByteScript script({0, 0, 0, static_cast<std::uint8_t>(u << 5U)});
    EXPECT_EQ(SampleBernoulli(Ratio(3, 4), script), u < 3) << u;
    EXPECT_EQ(script.used(), 4U);
  }
}

TEST(Bernoulli, NeverSaysTrueForZeroNorFalseForOne) {
  SeededRandom random(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(SampleBernoulli(Ratio(0, 1), random));
    EXPECT_TRUE(SampleBernoulli(Ratio(1, 1), random));
    EXPECT_TRUE(SampleBernoulliExp(Ratio(0, 1), random));
  }
}

TEST(Bernoulli, HasTheProbabilityOfItsFraction) {
  SeededRandom random(2);
  for (const auto& [n, d] : {std::pair{1, 2}, {1, 3}, {5, 7}, {99, 100}}) {
    const Ratio p(n, d);
    EXPECT_LT(Deviation(static_cast<double>(n) / d, [&] { return SampleBernoulli(p, random); }),
              3.9);
  }
}

TEST(BernoulliExp, HasTheProbabilityOfTheExponential) {
  SeededRandom random(3);
  for (const auto& [n, d] : {std::pair{1, 10}, {1, 2}, {1, 1}, {3, 2}, {2, 1}, {17, 5}}) {
    const Ratio gamma(n, d);
    EXPECT_LT(Deviation(std::exp(-static_cast<double>(n) / d),
                        [&] { return SampleBernoulliExp(gamma, random); }),
              3.9)
        << n << "/" << d;
  }
}

TEST(DiscreteLaplace, HasTheProbabilitiesOfItsDefinition) {
  SeededRandom random(4);
  for (const auto& [n, d] : {std::pair{1, 2}, {1, 1}, {2, 1}, {4, 1}, {7, 3}, {40, 1}}) {
    const Ratio scale(n, d);
    const double b = static_cast<double>(n) / d;
    EXPECT_LT(ChiSquareDeviation([b](int y) { return std::exp(-std::abs(y) / b); },
                                 [&] { return SampleDiscreteLaplace(scale, random); }),
              4.5)
        << n << "/" << d;
  }
}

TEST(DiscreteGaussian, HasTheProbabilitiesOfItsDefinition) {
  SeededRandom random(5);
  for (const auto& [n, d] : {std::pair{1, 2}, {1, 1}, {3, 1}, {1171, 500}, {20, 1}, {50, 1}}) {
    const Ratio sigma(n, d);
    const double s = static_cast<double>(n) / d;
    EXPECT_LT(ChiSquareDeviation([s](int y) { return std::exp(-0.5 * y * y / (s * s)); },
                                 [&] { return SampleDiscreteGaussian(sigma, random); }),
              4.5)
        << n << "/" << d;
  }
}

TEST(DiscreteGaussian, OfTenPercentTooLittleNoiseWouldBeSeen) {
  SeededRandom random(6);
  EXPECT_GT(ChiSquareDeviation([](int y) { return std::exp(-0.5 * y * y / 400.0); },
                               [&] { return SampleDiscreteGaussian(Ratio(18, 1), random); }),
            50);
}

TEST(DiscreteGaussian, KeepsItsShapeAtASigmaOfTwentyTwoDigits) {
  SeededRandom random(7);
  const BigInt sigma("9999999999999999999999");
  constexpr int kLargeDraws = 4000;
  double sum = 0;
  double squares = 0;
  double within = 0;
  for (int i = 0; i < kLargeDraws; ++i) {
    const BigInt y = SampleDiscreteGaussian(Ratio(sigma, 1), random);
    const double z = static_cast<double>(y) / static_cast<double>(sigma);
    sum += z;
    squares += z * z;
    within += std::abs(z) < 1 ? 1 : 0;
  }
  const double root = std::sqrt(static_cast<double>(kLargeDraws));
  EXPECT_NEAR(sum / kLargeDraws, 0, 3.9 / root);
  EXPECT_NEAR(squares / kLargeDraws, 1, 3.9 * std::sqrt(2.0) / root);
  EXPECT_NEAR(within / kLargeDraws, 0.6827, 3.9 * 0.4654 / root);
}

TEST(Samplers, AScaleOfZeroAddsNothing) {
  ByteScript script({});
  EXPECT_EQ(SampleDiscreteLaplace(Ratio(0, 1), script), 0);
  EXPECT_EQ(SampleDiscreteGaussian(Ratio(0, 1), script), 0);
  EXPECT_EQ(script.used(), 0U);
}

}  // namespace
}  // namespace flotilla::dp
