#include "telemetry/dp/cost.h"

#include <cmath>

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace flotilla::dp {
namespace {

NoisePolicy Laplace(std::uint64_t n, std::uint64_t d) {
  return {Mechanism::kDiscreteLaplace, {n, d}, 1};
}
NoisePolicy Gaussian(std::uint64_t n, std::uint64_t d) {
  return {Mechanism::kDiscreteGaussian, {n, d}, 1};
}

TEST(CostOf, IsEpsilonOrOneOverSigmaSquaredRoundedUp) {
  EXPECT_EQ(CostOf(Laplace(1, 1)).value(), (PrivacyCost{kNanoEpsilon, 0}));
  EXPECT_EQ(CostOf(Laplace(1, 2)).value(), (PrivacyCost{kNanoEpsilon / 2, 0}));
  EXPECT_EQ(CostOf(Laplace(1, 3)).value(), (PrivacyCost{333'333'334, 0}));
  EXPECT_EQ(CostOf(Gaussian(20, 1)).value(), (PrivacyCost{0, kPicoRho / 400}));
  EXPECT_EQ(CostOf(Gaussian(50, 1)).value(), (PrivacyCost{0, kPicoRho / 2500}));
  EXPECT_EQ(CostOf(Gaussian(3, 1)).value(), (PrivacyCost{0, 111'111'111'112}));
  EXPECT_EQ(CostOf(Gaussian(1'000'000, 1)).value(), (PrivacyCost{0, 1}));
  EXPECT_EQ(CostOf(NoisePolicy{}).status().code(), StatusCode::kInvalidArgument);
}

TEST(CostOf, IsNeverFreeForAnyPolicyThatIsAllowed) {
  EXPECT_GT(TotalNanoEpsilon(CostOf(Laplace(1, 1000)).value()), 0U);
  EXPECT_GT(TotalNanoEpsilon(CostOf(Gaussian(1'000'000, 1)).value()), 0U);
}

// The values were minimised apart from this code, on a fine grid and by thirds.
TEST(EpsilonOfZcdp, AgreesWithTheMinimumOfTheFormula) {
  EXPECT_NEAR(EpsilonOfZcdp(1.0 / 2500, 1e-6), 0.11240310981848228, 1e-12);
  EXPECT_NEAR(EpsilonOfZcdp(1.0 / 400, 1e-6), 0.2975041720781902, 1e-12);
  EXPECT_NEAR(EpsilonOfZcdp(12.0 / 400, 1e-6), 1.118168598919548, 1e-12);
  EXPECT_NEAR(EpsilonOfZcdp(13 * 12.0 / 400, 1e-6), 4.539450207981627, 1e-12);
  EXPECT_NEAR(EpsilonOfZcdp(13 * 12.0 / 2500, 1e-6), 1.658542797432114, 1e-12);
  EXPECT_NEAR(EpsilonOfZcdp(1, 1e-6), 7.766216625311722, 1e-12);
  EXPECT_NEAR(EpsilonOfZcdp(4, 1e-6), 17.861121033014005, 1e-12);
}

TEST(EpsilonOfZcdp, IsBelowTheSimpleBoundGrowsWithRhoAndIsNeverNegative) {
  double before = 0;
  for (int step = 0; step < 80; ++step) {  // to 123
    const double rho = 1e-12 * std::pow(1.5, step);
    const double epsilon = EpsilonOfZcdp(rho, kDelta);
    EXPECT_GE(epsilon, before);
    EXPECT_LE(epsilon, rho + 2 * std::sqrt(rho * std::log(1 / kDelta)));
    before = epsilon;
  }
  EXPECT_EQ(EpsilonOfZcdp(0, kDelta), 0);
}

TEST(EpsilonOfZcdp, HoldsForTheTrueLossOfAGaussian) {
  // The least delta of a Gaussian of shift mu = sqrt(2 rho), in standard deviations, at epsilon e:
  // Phi(mu/2 - e/mu) - exp(e) Phi(-mu/2 - e/mu) (Balle and Wang, arXiv 1805.06530, theorem 8).
  const auto phi = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  for (const double rho : {0.0004, 0.0025, 0.03, 0.39, 1.0}) {
    const double epsilon = EpsilonOfZcdp(rho, kDelta);
    const double mu = std::sqrt(2 * rho);
    const double delta =
        phi(mu / 2 - epsilon / mu) - std::exp(epsilon) * phi(-mu / 2 - epsilon / mu);
    EXPECT_LE(delta, kDelta) << rho;
    EXPECT_GT(delta, kDelta / 50) << rho;  // nor is budget thrown away
  }
}

TEST(TotalNanoEpsilon, AddsThePurePartToTheConvertedGaussianPart) {
  EXPECT_EQ(TotalNanoEpsilon({}), 0U);
  EXPECT_EQ(TotalNanoEpsilon({5, 0}), 5U);
  const std::uint64_t week = TotalNanoEpsilon({0, 12 * kPicoRho / 400});
  EXPECT_GE(week, 1'118'168'599U);
  EXPECT_LE(week, 1'118'168'610U);
  EXPECT_EQ(TotalNanoEpsilon({kNanoEpsilon, 12 * kPicoRho / 400}), kNanoEpsilon + week);
}

TEST(PrivacyCost, SaturatesInsteadOfWrapping) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const PrivacyCost sum = PrivacyCost{kMost, kMost - 1} + PrivacyCost{1, 7};
  EXPECT_EQ(sum, (PrivacyCost{kMost, kMost}));
  EXPECT_EQ(TotalNanoEpsilon(sum), kMost);
}

}  // namespace
}  // namespace flotilla::dp
