#include "telemetry/dp/budget.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/dp/key_budget.h"

namespace flotilla::dp {
namespace {

constexpr Duration kDay = absl::Hours(24);
constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000);
constexpr PrivacyCost kOne = {kNanoEpsilon, 0};
constexpr PrivacyCost kWeek = {0, 12 * kPicoRho / 400};

KeyCharge Report(std::uint8_t window, Time at, PrivacyCost cost = kOne) {
  KeyCharge charge;
  charge.window.fill(window);
  charge.at = at;
  charge.cost = cost;
  return charge;
}

TEST(Budget, TakesUpToTheCapToTheLastUnit) {
  EXPECT_TRUE(CheckFits({7 * kNanoEpsilon, 0}, kOne).ok());
  EXPECT_EQ(CheckFits({7 * kNanoEpsilon + 1, 0}, kOne).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(RemainingNanoEpsilon({7 * kNanoEpsilon, 0}), kNanoEpsilon);
  EXPECT_EQ(RemainingNanoEpsilon({9 * kNanoEpsilon, 0}), 0U);
  EXPECT_EQ(CheckFits({}, {}).code(), StatusCode::kInvalidArgument);
}

TEST(Budget, AddsBothKindsOfNoise) {
  PrivacyCost spent;
  for (int week = 0; week < 13; ++week) {
    ASSERT_TRUE(CheckFits(spent, kWeek).ok());
    spent = spent + kWeek;
  }
  // 13 weeks of 12 histograms at sigma 20 are 4.54: three gates of 1 fit beside them.
  EXPECT_TRUE(CheckFits(spent, {3 * kNanoEpsilon, 0}).ok());
  EXPECT_EQ(CheckFits(spent, {4 * kNanoEpsilon, 0}).code(), StatusCode::kResourceExhausted);
}

TEST(KeyBudget, AcceptsOneReportOfAKeyInAWindow) {
  const std::vector<KeyCharge> earlier = {Report(1, kStart)};
  EXPECT_EQ(AdmitKeyCharge(earlier, Report(1, kStart + kDay)).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(AdmitKeyCharge(earlier, Report(2, kStart + kDay)).ok());
  EXPECT_EQ(AdmitKeyCharge(earlier, Report(2, kStart, {})).code(), StatusCode::kInvalidArgument);
}

TEST(KeyBudget, StopsAtTheCapAndGoesOnWhenTheWindowHasPassed) {
  std::vector<KeyCharge> earlier;
  for (std::uint8_t i = 0; i < 8; ++i) {
    const KeyCharge next = Report(i, kStart + i * kDay);
    ASSERT_TRUE(AdmitKeyCharge(earlier, next).ok());
    earlier.push_back(next);
  }
  const auto code = [&earlier](Duration after) {
    return AdmitKeyCharge(earlier, Report(100, kStart + after)).code();
  };
  EXPECT_EQ(code(8 * kDay), StatusCode::kResourceExhausted);
  EXPECT_EQ(code(90 * kDay - absl::Seconds(1)), StatusCode::kResourceExhausted);
  EXPECT_EQ(code(90 * kDay), StatusCode::kOk);  // the first has left the window
}

TEST(KeyBudget, AClockMovedBackFreesNothing) {
  std::vector<KeyCharge> earlier;
  for (std::uint8_t i = 0; i < 8; ++i) {
    earlier.push_back(Report(i, kStart));
  }
  for (const int days : {-1, -89, -90, -91, -10'000}) {
    EXPECT_EQ(AdmitKeyCharge(earlier, Report(100, kStart + days * kDay)).code(),
              StatusCode::kResourceExhausted);
  }
}

}  // namespace
}  // namespace flotilla::dp
