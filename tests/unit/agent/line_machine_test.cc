#include "agent/engine/line_machine.h"

#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

#include "tests/unit/agent/scripted_line.h"

namespace flotilla::agent {
namespace {

class LineMachineTest : public ScriptedLine {
 protected:
  // The engine ends by itself and the next one serves as soon as it may; its id, or 0.
  std::uint64_t Crash(std::uint64_t id) {
    last_ = machine_.OnExited(id, now_);
    const std::optional<Duration> deadline = machine_.Deadline();
    if (!deadline.has_value()) {
      return 0;
    }
    now_ = *deadline;
    const std::uint64_t next = Launched(machine_.OnTick(now_));
    machine_.OnLoaded(next, now_);
    machine_.OnServing(next, now_);
    return next;
  }

  LineActions last_;
};

TEST_F(LineMachineTest, LoadsThenHandsOverThenServes) {
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_OFF);
  const std::uint64_t id = Launched(machine_.Run(Confirmed("1"), {}, now_));
  ASSERT_NE(id, 0U);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_LOADING);
  EXPECT_NE(Find<HandOverSockets>(machine_.OnLoaded(id, now_)), nullptr);
  EXPECT_NE(Find<TellServing>(machine_.OnServing(id, now_)), nullptr);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_SERVING);
}

TEST_F(LineMachineTest, DrainsTheOldEngineOnlyWhenTheNewOneServes) {
  const std::uint64_t old_id = Serve(Confirmed("1"));
  const LineActions start = machine_.Run(OnTrial("2"), {}, now_);
  const std::uint64_t new_id = Launched(start);
  ASSERT_NE(new_id, 0U);
  EXPECT_EQ(Find<DrainEngine>(start), nullptr);
  EXPECT_EQ(Find<DrainEngine>(machine_.OnLoaded(new_id, now_)), nullptr);
  const LineActions serving = machine_.OnServing(new_id, now_);
  ASSERT_NE(Find<DrainEngine>(serving), nullptr);
  EXPECT_EQ(Find<DrainEngine>(serving)->id, old_id);
  EXPECT_TRUE(machine_.OnExited(old_id, now_).empty());
}

TEST_F(LineMachineTest, EndsTheOldEngineFirstWhenMemoryHoldsOnlyOne) {
  const std::uint64_t old_id = Serve(Confirmed("1"));
  fits_ = false;
  const LineActions start = machine_.Run(OnTrial("2"), {}, now_);
  EXPECT_EQ(Launched(start), 0U);
  ASSERT_NE(Find<DrainEngine>(start), nullptr);
  EXPECT_NE(Launched(machine_.OnExited(old_id, now_)), 0U);
}

TEST_F(LineMachineTest, TheOldEngineServesOnWhileTheNewOneFailsToLoad) {
  Serve(Confirmed("1"));
  std::uint64_t id = Launched(machine_.Run(OnTrial("2"), {}, now_));
  LineActions actions;
  for (int i = 0; i < 3; ++i) {
    ASSERT_NE(id, 0U);
    machine_.OnFailed(id, v1::FAILURE_REASON_INSTALL_LOAD_FAILED, now_);
    actions = machine_.OnExited(id, now_);
    now_ += absl::Seconds(2);
    id = Launched(machine_.OnTick(now_));
  }
  ASSERT_NE(Find<TellReleaseBad>(actions), nullptr);
  EXPECT_EQ(Find<TellReleaseBad>(actions)->reason, v1::FAILURE_REASON_INSTALL_LOAD_FAILED);
  const LineActions back = machine_.Run(Confirmed("1"), {}, now_);
  EXPECT_EQ(Launched(back), 0U);
  EXPECT_NE(Find<TellServing>(back), nullptr);
}

TEST_F(LineMachineTest, RestartsACrashedEngineAfterADelayThatGrows) {
  std::uint64_t id = Serve(Confirmed("1"));
  machine_.OnExited(id, now_);
  const Duration first = *machine_.Deadline() - now_;
  EXPECT_TRUE(machine_.OnTick(now_).empty());
  now_ += first;
  id = Launched(machine_.OnTick(now_));
  ASSERT_NE(id, 0U);
  machine_.OnExited(id, now_);
  EXPECT_EQ(*machine_.Deadline() - now_, first * 2);
}

TEST_F(LineMachineTest, ThreeCrashesWithinTheWindowAreACrashLoop) {
  std::uint64_t id = Serve(Confirmed("1"));
  id = Crash(id);
  EXPECT_EQ(Find<TellReleaseBad>(last_), nullptr);
  id = Crash(id);
  EXPECT_EQ(Find<TellReleaseBad>(last_), nullptr);
  EXPECT_EQ(Crash(id), 0U);
  ASSERT_NE(Find<TellReleaseBad>(last_), nullptr);
  EXPECT_EQ(Find<TellReleaseBad>(last_)->reason, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_CRASH_LOOPING);
}

TEST_F(LineMachineTest, CrashesFarApartAreNoLoop) {
  std::uint64_t id = Serve(Confirmed("1"));
  for (int i = 0; i < 10; ++i) {
    now_ += absl::Seconds(61);
    id = Crash(id);
    ASSERT_NE(id, 0U);
    EXPECT_EQ(Find<TellReleaseBad>(last_), nullptr);
  }
}

TEST_F(LineMachineTest, EachStartOnTrialIsToBeCounted) {
  const LineActions actions = machine_.Run(OnTrial("1"), {}, now_);
  ASSERT_NE(Find<LaunchEngine>(actions), nullptr);
  EXPECT_TRUE(Find<LaunchEngine>(actions)->trial);
}

TEST_F(LineMachineTest, ARefusedStartMakesTheReleaseBad) {
  const std::uint64_t id = Launched(machine_.Run(OnTrial("1"), {}, now_));
  const LineActions actions = machine_.OnStartRefused(id, v1::FAILURE_REASON_INSTALL_ATTEMPTS);
  ASSERT_NE(Find<TellReleaseBad>(actions), nullptr);
  EXPECT_EQ(Find<TellReleaseBad>(actions)->reason, v1::FAILURE_REASON_INSTALL_ATTEMPTS);
  EXPECT_TRUE(machine_.OnTick(now_ + absl::Hours(1)).empty());
}

TEST_F(LineMachineTest, ATrialPassesAfterItsDuration) {
  Serve(OnTrial("1"), {absl::Seconds(30), 0});
  EXPECT_EQ(Find<TellTrialPassed>(machine_.OnTick(now_ + absl::Seconds(29))), nullptr);
  EXPECT_NE(Find<TellTrialPassed>(machine_.OnTick(now_ + absl::Seconds(30))), nullptr);
  EXPECT_EQ(Find<TellTrialPassed>(machine_.OnTick(now_ + absl::Seconds(31))), nullptr);
}

TEST_F(LineMachineTest, ATrialWaitsForItsRequests) {
  const std::uint64_t id = Serve(OnTrial("1"), {absl::Seconds(30), 100});
  now_ += absl::Seconds(40);
  EXPECT_EQ(Find<TellTrialPassed>(machine_.OnStats(id, 99, now_)), nullptr);
  EXPECT_NE(Find<TellTrialPassed>(machine_.OnStats(id, 100, now_)), nullptr);
}

TEST_F(LineMachineTest, AQuietDevicePassesItsTrialAfterTenTimesTheDuration) {
  const std::uint64_t id = Serve(OnTrial("1"), {absl::Seconds(30), 100});
  machine_.OnStats(id, 3, now_ + absl::Seconds(299));
  EXPECT_NE(Find<TellTrialPassed>(machine_.OnTick(now_ + absl::Seconds(300))), nullptr);
}

TEST_F(LineMachineTest, ACrashStartsTheTrialOver) {
  const std::uint64_t id = Serve(OnTrial("1"), {absl::Seconds(30), 0});
  now_ += absl::Seconds(29);
  ASSERT_NE(Crash(id), 0U);
  EXPECT_EQ(Find<TellTrialPassed>(machine_.OnTick(now_ + absl::Seconds(29))), nullptr);
  EXPECT_NE(Find<TellTrialPassed>(machine_.OnTick(now_ + absl::Seconds(30))), nullptr);
}

TEST_F(LineMachineTest, KillsAnEngineThatHangsInItsLoad) {
  const std::uint64_t id = Launched(machine_.Run(Confirmed("1"), {}, now_));
  const LineActions actions = machine_.OnTick(now_ + LineMachineOptions().load_timeout);
  ASSERT_NE(Find<KillEngine>(actions), nullptr);
  EXPECT_EQ(Find<KillEngine>(actions)->id, id);
}

TEST_F(LineMachineTest, KillsAServingEngineThatFallsSilent) {
  const std::uint64_t id = Serve(Confirmed("1"));
  now_ += absl::Seconds(50);
  machine_.OnStats(id, 1, now_);
  EXPECT_TRUE(machine_.OnTick(now_ + absl::Seconds(50)).empty());
  EXPECT_NE(Find<KillEngine>(machine_.OnTick(now_ + LineMachineOptions().silence)), nullptr);
}

TEST_F(LineMachineTest, KillsADrainedEngineThatDoesNotEnd) {
  Serve(Confirmed("1"));
  const std::uint64_t next = Launched(machine_.Run(Confirmed("2"), {}, now_));
  machine_.OnLoaded(next, now_);
  machine_.OnServing(next, now_);
  EXPECT_NE(Find<KillEngine>(machine_.OnTick(now_ + absl::Seconds(35))), nullptr);
}

TEST_F(LineMachineTest, SafeModeEndsTheEnginesUntilTheNextRelease) {
  const std::uint64_t id = Serve(Confirmed("1"));
  const LineActions actions = machine_.EnterSafeMode(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, now_);
  ASSERT_NE(Find<DrainEngine>(actions), nullptr);
  EXPECT_TRUE(machine_.OnExited(id, now_).empty());
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_SAFE_MODE);
  EXPECT_NE(Launched(machine_.Run(Confirmed("2"), {}, now_)), 0U);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_LOADING);
}

TEST_F(LineMachineTest, ParksForASelfTestAndComesBack) {
  const std::uint64_t id = Serve(Confirmed("1"));
  EXPECT_EQ(Find<TellParked>(machine_.Park(now_)), nullptr);
  EXPECT_NE(Find<TellParked>(machine_.OnExited(id, now_)), nullptr);
  EXPECT_EQ(machine_.Deadline(), std::nullopt);
  EXPECT_NE(Launched(machine_.Unpark(now_)), 0U);
}

TEST_F(LineMachineTest, RenewsAServingEngineBesideItself) {
  const std::uint64_t id = Serve(Confirmed("1"));
  const std::uint64_t next = Launched(machine_.Renew(now_));
  ASSERT_NE(next, 0U);
  machine_.OnLoaded(next, now_);
  const LineActions actions = machine_.OnServing(next, now_);
  ASSERT_NE(Find<DrainEngine>(actions), nullptr);
  EXPECT_EQ(Find<DrainEngine>(actions)->id, id);
}

TEST_F(LineMachineTest, DropsALoadingEngineOfAReleaseThatIsNotWantedAnyMore) {
  Serve(Confirmed("1"));
  const std::uint64_t next = Launched(machine_.Run(OnTrial("2"), {}, now_));
  const LineActions actions = machine_.Run(Confirmed("1"), {}, now_);
  ASSERT_NE(Find<KillEngine>(actions), nullptr);
  EXPECT_EQ(Find<KillEngine>(actions)->id, next);
  EXPECT_TRUE(machine_.OnExited(next, now_).empty());
}

}  // namespace
}  // namespace flotilla::agent
