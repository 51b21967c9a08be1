#include "agent/session/session_machine.h"

#include <algorithm>

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

class SessionMachineTest : public ::testing::Test {
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

TEST_F(SessionMachineTest, ALaterWelcomeOfTheSessionChangesTheHeartbeat) {
  Connect();
  v1::SessionResponse message;
  message.mutable_welcome()->set_session_epoch(7);
  message.mutable_welcome()->mutable_heartbeat_interval()->set_seconds(300);
  const SessionActions actions = machine_.OnMessage(message, kStart);
  EXPECT_EQ(Find<SessionUp>(actions), nullptr);
  EXPECT_EQ(Find<ForgetReports>(actions), nullptr);
  ASSERT_NE(Find<ArmTimer>(actions), nullptr);
  EXPECT_GE(Find<ArmTimer>(actions)->delay, absl::Seconds(270));
  EXPECT_LE(Find<ArmTimer>(actions)->delay, absl::Seconds(330));
}

TEST_F(SessionMachineTest, ADrainIsHonouredOverTheSpreadThatItNames) {
  Duration longest;
  for (int i = 0; i < 50; ++i) {
    SessionMachine machine{SessionOptions(), random_};
    machine.Start(kStart);
    machine.OnMessage(Welcome(1), kStart);
    v1::SessionResponse drain;
    drain.mutable_drain()->mutable_spread()->set_seconds(40);
    machine.OnMessage(drain, kStart);
    const SessionActions actions =
        machine.OnClosed(Unavailable("restarts"), kStart + absl::Minutes(2));
    longest = std::max(longest, Find<ArmTimer>(actions)->delay);
    EXPECT_LE(Find<ArmTimer>(actions)->delay, absl::Seconds(40));
  }
  EXPECT_GT(longest, absl::Seconds(20));
}

// Opens a session for ten seconds every quarter of an hour.
class CyclingSessionTest : public ::testing::Test {
 protected:
  CyclingSessionTest() {
    machine_.Start(kStart);
    up_ = machine_.OnMessage(Welcome(20), kStart);
  }
  static SessionOptions Options() {
    SessionOptions options;
    options.every = absl::Minutes(15);
    options.open_for = absl::Seconds(10);
    return options;
  }

  SeededRandom random_{1};
  SessionMachine machine_{Options(), random_};
  SessionActions up_;
};

TEST_F(CyclingSessionTest, AsksWhetherItIsDoneWhenItsMomentIsOver) {
  EXPECT_EQ(Find<ArmTimer>(up_)->delay, absl::Seconds(10));
  const SessionActions actions = machine_.OnTimer(kStart + absl::Seconds(10));
  EXPECT_NE(Find<RestIfDone>(actions), nullptr);
  EXPECT_EQ(machine_.phase(), SessionPhase::kLive);
}

TEST_F(CyclingSessionTest, RestsForItsTimeWithinATenthAndOpensAgain) {
  machine_.OnTimer(kStart + absl::Seconds(10));
  const SessionActions actions = machine_.Rest();
  EXPECT_NE(Find<CloseSession>(actions), nullptr);
  EXPECT_EQ(Find<SessionDown>(actions), nullptr);
  ASSERT_NE(Find<SessionRests>(actions), nullptr);
  const Duration next = Find<SessionRests>(actions)->next_in;
  EXPECT_GE(next, absl::Minutes(13.5));
  EXPECT_LE(next, absl::Minutes(16.5));
  EXPECT_EQ(Find<ArmTimer>(actions)->delay, next);
  EXPECT_NE(Find<OpenSession>(machine_.OnTimer(kStart + absl::Seconds(10) + next)), nullptr);
}

TEST_F(CyclingSessionTest, WhatIsSentDoesNotMoveTheEndOfItsMoment) {
  EXPECT_TRUE(machine_.OnSent().empty());
}

TEST_F(CyclingSessionTest, LingersWhileReportsWaitButNotForEver) {
  const SessionActions longer = machine_.Linger(kStart + absl::Seconds(10));
  ASSERT_NE(Find<ArmTimer>(longer), nullptr);
  EXPECT_EQ(Find<CloseSession>(longer), nullptr);
  EXPECT_NE(Find<RestIfDone>(machine_.OnTimer(kStart + absl::Seconds(11))), nullptr);
  EXPECT_NE(Find<CloseSession>(machine_.Linger(kStart + absl::Seconds(100))), nullptr);
}

}  // namespace
}  // namespace flotilla::agent
