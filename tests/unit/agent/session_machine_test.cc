#include "agent/session/session_machine.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::agent {
namespace {

constexpr Duration kStart = absl::Seconds(1000);

template <typename Action>
const Action* Find(const SessionActions& actions) {
  for (const SessionAction& action : actions) {
    if (const auto* found = std::get_if<Action>(&action)) {
      return found;
    }
  }
  return nullptr;
}

v1::SessionResponse Welcome(int spread_seconds) {
  v1::SessionResponse message;
  message.mutable_welcome()->set_session_epoch(7);
  message.mutable_welcome()->set_durable_seq(12);
  message.mutable_welcome()->mutable_heartbeat_interval()->set_seconds(100);
  message.mutable_welcome()->mutable_reconnect_spread()->set_seconds(spread_seconds);
  return message;
}

class SessionMachineTest : public testing::Test {
 protected:
  // Up since kStart.
  void Connect(int spread_seconds = 20) {
    machine_.Start(kStart);
    machine_.OnMessage(Welcome(spread_seconds), kStart);
  }

  SeededRandom random_{1};
  SessionMachine machine_{SessionOptions(), random_};
};

TEST_F(SessionMachineTest, OpensAtOnceWhenItStarts) {
  const SessionActions actions = machine_.Start(kStart);
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_NE(Find<OpenSession>(actions), nullptr);
  EXPECT_EQ(machine_.phase(), SessionPhase::kOpening);
}

TEST_F(SessionMachineTest, IsLiveAfterTheWelcomeAndForgetsWhatIsDurable) {
  machine_.Start(kStart);
  const SessionActions actions = machine_.OnMessage(Welcome(20), kStart);
  ASSERT_NE(Find<ForgetReports>(actions), nullptr);
  EXPECT_EQ(Find<ForgetReports>(actions)->durable_seq, 12U);
  EXPECT_FALSE(Find<ForgetReports>(actions)->boot_epoch.has_value());
  EXPECT_EQ(machine_.phase(), SessionPhase::kLive);
}

TEST_F(SessionMachineTest, SendsHeartbeatsWithinTenPercentOfTheInterval) {
  Connect();
  for (int i = 0; i < 50; ++i) {
    const SessionActions actions = machine_.OnTimer(kStart);
    ASSERT_NE(Find<SendHeartbeat>(actions), nullptr);
    ASSERT_NE(Find<ArmTimer>(actions), nullptr);
    EXPECT_GE(Find<ArmTimer>(actions)->delay, absl::Seconds(90));
    EXPECT_LE(Find<ArmTimer>(actions)->delay, absl::Seconds(110));
  }
}

TEST_F(SessionMachineTest, GivesUpWithoutAWelcome) {
  machine_.Start(kStart);
  const SessionActions actions = machine_.OnTimer(kStart + absl::Seconds(45));
  EXPECT_NE(Find<CloseSession>(actions), nullptr);
  ASSERT_NE(Find<SessionDown>(actions), nullptr);
  EXPECT_EQ(Find<SessionDown>(actions)->cause.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(machine_.phase(), SessionPhase::kWaiting);
}

TEST_F(SessionMachineTest, ComesBackWithinTheSpreadAfterAStableSession) {
  Duration longest;
  for (int i = 0; i < 200; ++i) {
    SessionMachine machine({}, random_);
    machine.Start(kStart);
    machine.OnMessage(Welcome(20), kStart);
    const SessionActions actions =
        machine.OnClosed(Unavailable("gone"), kStart + absl::Seconds(61));
    ASSERT_NE(Find<ArmTimer>(actions), nullptr);
    EXPECT_LE(Find<ArmTimer>(actions)->delay, absl::Seconds(20));
    longest = std::max(longest, Find<ArmTimer>(actions)->delay);
  }
  EXPECT_GT(longest, absl::Seconds(15));
}

TEST_F(SessionMachineTest, BackoffGrowsWhenTheControllerCannotBeReached) {
  machine_.Start(kStart);
  Duration longest;
  for (int i = 0; i < 12; ++i) {
    const SessionActions actions = machine_.OnClosed(Unavailable("no route"), kStart);
    longest = std::max(longest, Find<ArmTimer>(actions)->delay);
    machine_.OnTimer(kStart);
  }
  EXPECT_GT(longest, absl::Seconds(60));
  EXPECT_LE(longest, absl::Seconds(300));
}

TEST_F(SessionMachineTest, AWelcomeAloneDoesNotResetTheBackoff) {
  Duration longest;
  machine_.Start(kStart);
  for (int i = 0; i < 14; ++i) {
    machine_.OnMessage(Welcome(0), kStart);
    const SessionActions actions =
        machine_.OnClosed(Unavailable("flaps"), kStart + absl::Seconds(1));
    longest = std::max(longest, Find<ArmTimer>(actions)->delay);
    machine_.OnTimer(kStart);
  }
  EXPECT_GT(longest, absl::Seconds(60));
}

TEST_F(SessionMachineTest, UsesTheSpreadOfADrain) {
  Connect(0);
  v1::SessionResponse drain;
  drain.mutable_drain()->mutable_spread()->set_seconds(3600);
  EXPECT_TRUE(machine_.OnMessage(drain, kStart).empty());
  const SessionActions actions =
      machine_.OnClosed(Unavailable("restart"), kStart + absl::Seconds(100));
  EXPECT_GT(Find<ArmTimer>(actions)->delay, absl::ZeroDuration());
}

TEST_F(SessionMachineTest, TriesSlowlyAfterARefusal) {
  for (const Status& refusal :
       {Unauthenticated("revoked"), AlreadyExists("cloned identity"), PermissionDenied("no")}) {
    SessionMachine machine({}, random_);
    machine.Start(kStart);
    const SessionActions actions = machine.OnClosed(refusal, kStart);
    ASSERT_NE(Find<SessionDown>(actions), nullptr);
    EXPECT_TRUE(Find<SessionDown>(actions)->refused);
    EXPECT_GE(Find<ArmTimer>(actions)->delay, absl::Seconds(150));
  }
}

TEST_F(SessionMachineTest, HandsTheDesiredStateOn) {
  Connect();
  v1::SessionResponse message;
  message.mutable_desired_state()->set_generation(9);
  const SessionActions actions = machine_.OnMessage(message, kStart);
  ASSERT_NE(Find<TakeUpDesired>(actions), nullptr);
  EXPECT_EQ(Find<TakeUpDesired>(actions)->desired.generation(), 9U);
}

TEST_F(SessionMachineTest, IgnoresADesiredStateBeforeTheWelcome) {
  machine_.Start(kStart);
  v1::SessionResponse message;
  message.mutable_desired_state()->set_generation(9);
  EXPECT_TRUE(machine_.OnMessage(message, kStart).empty());
}

TEST_F(SessionMachineTest, DoesNothingAfterStop) {
  Connect();
  EXPECT_NE(Find<CloseSession>(machine_.Stop()), nullptr);
  EXPECT_TRUE(machine_.OnTimer(kStart).empty());
  EXPECT_TRUE(machine_.OnClosed(Unavailable("late"), kStart).empty());
}

}  // namespace
}  // namespace flotilla::agent
