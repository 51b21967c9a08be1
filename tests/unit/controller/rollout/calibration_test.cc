#include "controller/rollout/calibration.h"

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

v1::Rollout Of(std::uint32_t succeeded, std::uint32_t failed, std::uint32_t excused = 0) {
  v1::Rollout rollout;
  v1::Wave& wave = *rollout.add_waves();
  (*wave.mutable_counts())[v1::DEPLOYMENT_STATE_SUCCEEDED] = succeeded;
  (*wave.mutable_counts())[v1::DEPLOYMENT_STATE_FAILED_REVERTED] = failed;
  (*wave.mutable_counts())[v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE] = 50;
  wave.set_excused(excused);
  return rollout;
}

TEST(Calibration, TakesTheUpperEndOfWhatTheFleetShows) {
  const auto learnt = Calibrate({Of(9'700, 300)});
  ASSERT_TRUE(learnt.ok()) << learnt.status();
  EXPECT_EQ(learnt->devices, 10'000U);
  EXPECT_EQ(learnt->failures, 300U);
  EXPECT_NEAR(learnt->p0, 0.0361, 0.0001);
  EXPECT_NEAR(learnt->p1, learnt->p0 + 0.04, 1e-9);
}

TEST(Calibration, NeverGoesBelowTheDefaults) {
  const auto learnt = Calibrate({Of(5'000, 0), Of(4'999, 1)});
  ASSERT_TRUE(learnt.ok());
  EXPECT_EQ(learnt->p0, 0.01);
  EXPECT_EQ(learnt->p1, 0.05);
}

TEST(Calibration, CountsAsTheJudgeDoes) {
  const auto learnt = Calibrate({Of(970, 30, 10)});
  ASSERT_TRUE(learnt.ok());
  EXPECT_EQ(learnt->failures, 20U) << "ten count together with others, deliveries not at all";
  EXPECT_EQ(learnt->devices, 990U);
}

TEST(Calibration, RefusesTooLittleAndHopeless) {
  EXPECT_EQ(Calibrate({Of(72, 0)}).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Calibrate({Of(60, 40)}).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Calibrate({}).status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::rollout
