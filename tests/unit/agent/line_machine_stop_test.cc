#include <cstdint>

#include <gtest/gtest.h>

#include "agent/engine/line_machine.h"
#include "tests/unit/agent/scripted_line.h"

namespace flotilla::agent {
namespace {

constexpr v1::FailureReason kCause = v1::FAILURE_REASON_POLICY_REVOKED;

class StoppedLine : public ScriptedLine {
 protected:
  LineActions Stop(StandIn stand_in) {
    return machine_.Stop(LineRelease("1"), stand_in, kCause, now_);
  }
};

TEST_F(StoppedLine, KillsItsEngineAndSaysSoWhenItIsGone) {
  const std::uint64_t id = Serve(Confirmed("1"));
  const LineActions actions = Stop(StandIn::kRefusal);
  ASSERT_NE(Find<KillEngine>(actions), nullptr);
  EXPECT_EQ(Find<KillEngine>(actions)->id, id);
  EXPECT_EQ(Find<DrainEngine>(actions), nullptr);
  EXPECT_NE(Find<RefuseClients>(actions), nullptr);
  EXPECT_EQ(Find<TellStopped>(actions), nullptr);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_STOPPED);
  EXPECT_EQ(machine_.cause(), kCause);
  const LineActions gone = machine_.OnExited(id, now_);
  EXPECT_NE(Find<TellStopped>(gone), nullptr);
  EXPECT_EQ(Launched(gone), 0U);
  EXPECT_EQ(Launched(machine_.OnTick(now_ + absl::Hours(1))), 0U);
}

TEST_F(StoppedLine, KillsAnEngineThatOnlyEndsWhatItBegan) {
  const std::uint64_t old_id = Serve(Confirmed("1"));
  const std::uint64_t new_id = Launched(machine_.Run(Confirmed("2"), {}, now_));
  machine_.OnLoaded(new_id, now_);
  ASSERT_NE(Find<DrainEngine>(machine_.OnServing(new_id, now_)), nullptr);
  const LineActions actions = machine_.EndDraining();
  ASSERT_NE(Find<KillEngine>(actions), nullptr);
  EXPECT_EQ(Find<KillEngine>(actions)->id, old_id);
  EXPECT_EQ(Find<TellStopped>(actions), nullptr);
  EXPECT_NE(Find<TellStopped>(machine_.OnExited(old_id, now_)), nullptr);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_SERVING);
}

TEST_F(StoppedLine, SaysAtOnceThatItIsStoppedWhereNothingRan) {
  EXPECT_NE(Find<TellStopped>(Stop(StandIn::kRefusal)), nullptr);
  EXPECT_NE(Find<TellStopped>(machine_.EndDraining()), nullptr);
}

TEST_F(StoppedLine, StartsAnEngineThatAnswersTheSameToEverybody) {
  const std::uint64_t old_id = Serve(Confirmed("1"));
  fits_ = false;  // it needs no memory for a model
  const LineActions actions = Stop(StandIn::kStaticAnswer);
  const auto* launch = Find<LaunchEngine>(actions);
  ASSERT_NE(launch, nullptr);
  EXPECT_TRUE(launch->answers_fixed);
  EXPECT_FALSE(launch->trial);
  const std::uint64_t id = launch->id;
  EXPECT_NE(Find<HandOverSockets>(machine_.OnLoaded(id, now_)), nullptr);
  EXPECT_EQ(Find<TellServing>(machine_.OnServing(id, now_)), nullptr);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_STATIC_ANSWER);
  EXPECT_EQ(machine_.cause(), kCause);
  EXPECT_NE(Find<TellStopped>(machine_.OnExited(old_id, now_)), nullptr);
}

TEST_F(StoppedLine, RefusesClientsWhenEvenTheStaticAnswerDoesNotRun) {
  Serve(Confirmed("1"));
  std::uint64_t id = Launched(Stop(StandIn::kStaticAnswer));
  bool refused = false;
  for (int i = 0; i < 3; ++i) {
    const LineActions actions = machine_.OnExited(id, now_);
    EXPECT_EQ(Find<TellReleaseBad>(actions), nullptr);
    refused = refused || Find<RefuseClients>(actions) != nullptr;
    now_ += absl::Seconds(5);
    id = Launched(machine_.OnTick(now_));
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(id, 0U);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_STOPPED);
}

TEST_F(StoppedLine, RunsTheNextReleaseOnceTheStoppedOneIsGone) {
  const std::uint64_t old_id = Serve(Confirmed("1"));
  Stop(StandIn::kWait);
  fits_ = false;
  EXPECT_EQ(Launched(machine_.Run(Confirmed("0"), {}, now_)), 0U);
  const LineActions gone = machine_.OnExited(old_id, now_);
  EXPECT_NE(Find<TellStopped>(gone), nullptr);
  const std::uint64_t id = Launched(gone);
  ASSERT_NE(id, 0U);
  machine_.OnLoaded(id, now_);
  EXPECT_NE(Find<TellServing>(machine_.OnServing(id, now_)), nullptr);
  EXPECT_EQ(machine_.condition(), v1::ENGINE_CONDITION_SERVING);
}

TEST_F(StoppedLine, ReplacesTheStaticAnswerByTheSameReleaseWhenItMayRunAgain) {
  Serve(Confirmed("1"));
  const std::uint64_t fixed = Launched(Stop(StandIn::kStaticAnswer));
  machine_.OnLoaded(fixed, now_);
  machine_.OnServing(fixed, now_);
  const LineActions actions = machine_.Run(Confirmed("1"), {}, now_);
  const auto* launch = Find<LaunchEngine>(actions);
  ASSERT_NE(launch, nullptr);
  EXPECT_FALSE(launch->answers_fixed);
  machine_.OnLoaded(launch->id, now_);
  const LineActions serving = machine_.OnServing(launch->id, now_);
  ASSERT_NE(Find<DrainEngine>(serving), nullptr);
  EXPECT_EQ(Find<DrainEngine>(serving)->id, fixed);
}

}  // namespace
}  // namespace flotilla::agent
