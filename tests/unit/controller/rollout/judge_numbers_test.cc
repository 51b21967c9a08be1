#include <cmath>

#include <gtest/gtest.h>

#include "controller/rollout/cusum.h"
#include "controller/rollout/silence.h"
#include "controller/rollout/sprt.h"

namespace flotilla::rollout {
namespace {

TEST(Sprt, HasTheStepsAndBoundsOfTheDesign) {
  const Sprt sprt{v1::JudgePolicy()};
  EXPECT_NEAR(sprt.failure_step(), 1.609, 0.001);
  EXPECT_NEAR(sprt.success_step(), -0.0412, 0.0001);
  EXPECT_NEAR(sprt.abort_bound(), 4.55, 0.01);
  EXPECT_NEAR(sprt.pass_bound(), -2.99, 0.01);
}

TEST(Sprt, PassesAfterSeventyThreeCleanDevices) {
  const Sprt sprt{v1::JudgePolicy()};
  EXPECT_EQ(sprt.CleanPass(), 73U);
  EXPECT_FALSE(sprt.Passes(0, 72));
  EXPECT_TRUE(sprt.Passes(0, 73));
}

TEST(Sprt, AbortsAtTheFailuresOfTheDesign) {
  const Sprt sprt{v1::JudgePolicy()};
  const std::uint32_t cases[][2] = {{3, 5}, {4, 10}, {5, 50}, {6, 100}, {8, 200}};
  for (const auto& [failures, attempted] : cases) {
    EXPECT_TRUE(sprt.Aborts(failures, attempted)) << failures << " of " << attempted;
    EXPECT_FALSE(sprt.Aborts(failures - 1, attempted)) << failures - 1 << " of " << attempted;
  }
}

TEST(Cusum, ForgetsGoodTimesAndTakesBackCorrections) {
  const Sprt sprt{v1::JudgePolicy()};
  EXPECT_EQ(CusumAfter(0, Outcome::kOpen, Outcome::kSuccess, sprt), 0);
  const double once = CusumAfter(0, Outcome::kOpen, Outcome::kQuality, sprt);
  EXPECT_NEAR(once, sprt.failure_step(), 1e-9);
  // LOST -> SUCCEEDED: the failure is taken back.
  EXPECT_EQ(CusumAfter(once, Outcome::kQuality, Outcome::kSuccess, sprt), 0);
  // SUCCEEDED -> FAILED_AFTER_CONFIRM takes the success's step back too.
  EXPECT_NEAR(CusumAfter(1, Outcome::kSuccess, Outcome::kQuality, sprt),
              1 + sprt.failure_step() - sprt.success_step(), 1e-9);
}

TEST(Cusum, BoundGrowsWithTheFleet) {
  EXPECT_NEAR(CusumBound(10'000, {}), std::log(10'000 * 0.05 / 0.02), 1e-9);
  EXPECT_NEAR(CusumBound(1, {}), Sprt{v1::JudgePolicy()}.failure_step(), 1e-9);
}

TEST(Silence, FiresOnlyWhenUpdatedDevicesAreFarMoreSilentThanOthers) {
  EXPECT_TRUE(SilenceFires({20, 10}, {100, 2}));
  EXPECT_FALSE(SilenceFires({20, 2}, {100, 2})) << "fewer than three";
  EXPECT_FALSE(SilenceFires({20, 10}, {100, 50})) << "the network, not the release";
  EXPECT_FALSE(SilenceFires({20, 20}, {0, 0})) << "no control group";
}

}  // namespace
}  // namespace flotilla::rollout
