// A rollout that the private gate guards, from the draw to the verdict.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/controller/guard_world.h"

namespace flotilla::controller {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kDevices = 240;
constexpr std::uint32_t kCanaries = 120;

bool IsDecided(const GuardWorld& world) {
  return world.Guard().stage() >= v1::GUARD_STAGE_PASSED;
}

TEST(GuardedRollout, AGoodReleasePassesAndTheRolloutCompletes) {
  GuardWorld world(kDevices, GuardWorld::Helper::kThere);
  world.bad_canaries_percent = 3;
  world.Start(GuardWorld::Guarded(kCanaries, 1));
  ASSERT_TRUE(world.AdvanceUntil([&] { return IsDecided(world); }, absl::Minutes(2)))
      << world.Explained();
  EXPECT_EQ(world.Guard().stage(), v1::GUARD_STAGE_PASSED) << world.Explained();
  EXPECT_TRUE(world.AdvanceUntil(
      [&] { return world.Rollout().state() == v1::ROLLOUT_STATE_COMPLETED; }, absl::Minutes(1)));
  EXPECT_THAT(world.Explained(), HasSubstr("PASS after look 1 of 1"));
  EXPECT_EQ(world.tasks(), 2U);
  EXPECT_EQ(world.Audited("health.ask"), 2U);
  // Of 240 devices those of both arms alone, and nobody of both.
  const auto& canary = world.told().at(v1::HEALTH_ARM_CANARY);
  const auto& control = world.told().at(v1::HEALTH_ARM_CONTROL);
  EXPECT_EQ(canary.size(), world.Guard().canary_devices());
  EXPECT_EQ(control.size(), world.Guard().control_devices());
  EXPECT_TRUE(std::none_of(canary.begin(), canary.end(),
                           [&](const std::string& id) { return control.contains(id); }));
}

TEST(GuardedRollout, ABadReleaseIsPausedWithTheEvidenceAndReachesNobodyElse) {
  GuardWorld world(kDevices, GuardWorld::Helper::kThere);
  world.bad_canaries_percent = 90;
  world.Start(GuardWorld::Guarded(kCanaries, 2));
  ASSERT_TRUE(world.AdvanceUntil(
      [&] { return world.Rollout().state() == v1::ROLLOUT_STATE_PAUSED; }, absl::Minutes(2)))
      << world.Explained();
  EXPECT_EQ(world.Rollout().pause_reason(), v1::PAUSE_REASON_GATE);
  EXPECT_THAT(world.Rollout().why(), HasSubstr("FAIL after look 1 of 2"));
  EXPECT_THAT(world.Rollout().why(), HasSubstr("% bad verdicts against"));
  EXPECT_GT(world.Guard().increase(), 0.5);
  world.Advance(absl::Seconds(40));
  EXPECT_EQ(world.Rollout().state(), v1::ROLLOUT_STATE_PAUSED);
}

TEST(GuardedRollout, GoesOnAfterAKillBetweenTheTasksAndTheirCollection) {
  GuardWorld world(kDevices, GuardWorld::Helper::kThere);
  world.bad_canaries_percent = 90;
  world.Start(GuardWorld::Guarded(kCanaries, 1));
  ASSERT_TRUE(world.AdvanceUntil(
      [&] { return world.Guard().stage() == v1::GUARD_STAGE_COLLECTING; }, absl::Minutes(1)));
  const v1::WaveGuard before = world.Guard();
  world.Restart();
  EXPECT_EQ(world.Guard().SerializeAsString(), before.SerializeAsString());
  ASSERT_TRUE(world.AdvanceUntil([&] { return IsDecided(world); }, absl::Minutes(2)))
      << world.Explained();
  EXPECT_EQ(world.Guard().stage(), v1::GUARD_STAGE_FAILED) << world.Explained();
  EXPECT_EQ(world.tasks(), 2U);
}

TEST(GuardedRollout, AKillBeforeTheRolloutKnowsItsTasksMakesNoOthers) {
  GuardWorld world(kDevices, GuardWorld::Helper::kThere);
  world.bad_canaries_percent = 3;
  world.Start(GuardWorld::Guarded(kCanaries, 1));
  ASSERT_TRUE(world.AdvanceUntil([&] { return world.Guard().stage() == v1::GUARD_STAGE_ASKING; },
                                 absl::Minutes(1)));
  world.commits_held = true;
  ASSERT_TRUE(world.AdvanceUntil([&] { return world.tasks() == 2; }, absl::Seconds(30)));
  EXPECT_EQ(world.StoredGuard().stage(), v1::GUARD_STAGE_ASKING);
  EXPECT_TRUE(world.StoredGuard().canary_task().empty());
  world.Restart();
  ASSERT_TRUE(world.AdvanceUntil([&] { return IsDecided(world); }, absl::Minutes(2)))
      << world.Explained();
  EXPECT_EQ(world.Guard().stage(), v1::GUARD_STAGE_PASSED) << world.Explained();
  EXPECT_EQ(world.tasks(), 2U);
}

TEST(GuardedRollout, AHelperThatIsAwayHoldsNobodyUp) {
  GuardWorld world(kDevices, GuardWorld::Helper::kThere);
  world.helper().GoAway();
  world.Start(GuardWorld::Guarded(kCanaries, 1));
  EXPECT_TRUE(world.AdvanceUntil(
      [&] { return world.Rollout().state() == v1::ROLLOUT_STATE_COMPLETED; }, absl::Minutes(3)))
      << world.Explained();
  EXPECT_EQ(world.Guard().reason(), v1::GUARD_REASON_NOT_ASKED);
  EXPECT_THAT(world.Guard().why(), HasSubstr("the helper does not answer"));
  EXPECT_EQ(world.tasks(), 0U);
}

TEST(GuardedRollout, AFleetWithoutAHelperIsToldSoAndGoesOn) {
  GuardWorld world(kDevices, GuardWorld::Helper::kNone);
  world.Start(GuardWorld::Guarded(kCanaries, 1));
  EXPECT_TRUE(world.AdvanceUntil(
      [&] { return world.Rollout().state() == v1::ROLLOUT_STATE_COMPLETED; }, absl::Seconds(30)))
      << world.Explained();
  EXPECT_EQ(world.Guard().reason(), v1::GUARD_REASON_NOT_ASKED);
  EXPECT_THAT(world.Guard().why(), HasSubstr("helper"));
}

TEST(GuardedRollout, ASmallFleetIsAskedNothing) {
  GuardWorld world(40, GuardWorld::Helper::kThere);
  world.Start(GuardWorld::Guarded(10, 2));
  EXPECT_THAT(world.Explained(), HasSubstr("smoke only: an arm of 10 devices"));
  EXPECT_TRUE(world.AdvanceUntil(
      [&] { return world.Rollout().state() == v1::ROLLOUT_STATE_COMPLETED; }, absl::Seconds(30)));
  EXPECT_EQ(world.tasks(), 0U);
  EXPECT_EQ(world.Audited("health.ask"), 0U);
}

}  // namespace
}  // namespace flotilla::controller
