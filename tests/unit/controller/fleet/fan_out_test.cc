// How a change of many devices reaches them.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "controller/fleet/policy_desk.h"
#include "controller/fleet/revocation_desk.h"
#include "controller/fleet/rollout_desk.h"
#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kDevices = 60;

// Sixty devices in one wave, told twenty a second.
class FanOutTest : public ::testing::Test {
 protected:
  FanOutTest() {
    world_.options.fan_out.per_second = 20;
    world_.Restart();
    for (std::size_t i = 0; i < kDevices; ++i) {
      world_.Enrol(Name(i));
      sessions_.push_back(world_.Connect(Name(i)));
    }
    world_.AddRelease("1.0.0", 1);
    world_.AddRelease("2.0.0", 2);
    world_.Advance(absl::Seconds(1));
    Forget();
    EXPECT_TRUE(world_.StartRollout("r1", "1.0.0").ok());
    // The offers are made.
    while (world_.fleet->waiting_for_change() == 0 && Told() == 0) {
      world_.loop->Advance(absl::Milliseconds(10));
      world_.Settle();
    }
  }

  static std::string Name(std::size_t i) { return absl::StrCat("d", i); }
  void Forget() {
    for (const auto& session : sessions_) {
      session->desired.clear();
    }
  }
  std::size_t Told() const {
    return static_cast<std::size_t>(
        std::count_if(sessions_.begin(), sessions_.end(),
                      [](const auto& session) { return !session->desired.empty(); }));
  }
  std::size_t FirstUntold() const {
    const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                    [](const auto& session) { return session->desired.empty(); });
    return static_cast<std::size_t>(found - sessions_.begin());
  }
  Status Act(v1::RolloutAction action) {
    v1::ActOnRolloutRequest request;
    request.set_rollout_id("r1");
    request.set_action(action);
    Status result = Internal("no answer");
    world_.fleet->rollouts().Act(request, "operator:alice",
                                 [&](const auto& answer) { result = answer.status(); });
    world_.Settle();
    return result;
  }

  FleetWorld world_;
  std::vector<std::shared_ptr<FakeDeviceSession>> sessions_;
};

TEST_F(FanOutTest, AWaveIsToldInItsTurn) {
  EXPECT_EQ(world_.fleet->waiting_for_change(), kDevices);
  world_.Advance(absl::Seconds(1.5));
  EXPECT_GT(Told(), 20U);
  EXPECT_LT(Told(), 40U);
  EXPECT_EQ(world_.fleet->waiting_for_change(), kDevices - Told());
  world_.Advance(absl::Seconds(3));
  EXPECT_EQ(Told(), kDevices);
  EXPECT_EQ(world_.fleet->waiting_for_change(), 0U);
}

TEST_F(FanOutTest, WhoWaitsHearsTheNewestAlone) {
  ASSERT_TRUE(Act(v1::ROLLOUT_ACTION_PAUSE).ok());
  world_.Advance(absl::Seconds(8));
  for (const auto& session : sessions_) {
    ASSERT_EQ(session->desired.size(), 1U);
    EXPECT_NE(session->desired[0].assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
  }
}

TEST_F(FanOutTest, AChangeOfAFewDevicesIsSentAtOnce) {
  world_.Advance(absl::Seconds(1));
  const std::size_t one = FirstUntold();
  ASSERT_LT(one, kDevices);
  v1::PinDeviceRequest pin;
  pin.set_device_id(Name(one));
  pin.set_line("pump");
  pin.set_version("2.0.0");
  world_.fleet->policies().PinDevice(pin, "operator:alice", [](const auto&) {});
  world_.Settle();
  ASSERT_EQ(sessions_[one]->desired.size(), 1U);
  EXPECT_EQ(sessions_[one]->desired[0].assignments(0).release().version(), "2.0.0");
  world_.Advance(absl::Seconds(4));
  EXPECT_EQ(sessions_[one]->desired.size(), 1U);  // what it waited for is older
}

TEST_F(FanOutTest, TheKillSwitchDoesNotWait) {
  v1::AskRevocationRequest ask;
  ask.set_line("pump");
  ask.set_version("1.0.0");
  ask.set_serve(v1::SERVE_INSTEAD_NOTHING);
  ask.set_reason("it lies");
  Status asked = Internal("no answer");
  world_.fleet->revocation_desk().Ask(ask, "operator:alice",
                                      [&](const auto& answer) { asked = answer.status(); });
  world_.Settle();
  v1::DecideRevocationRequest decide;
  decide.set_line("pump");
  decide.set_version("1.0.0");
  decide.set_decision(v1::REVOCATION_DECISION_APPROVE);
  decide.set_serve(v1::SERVE_INSTEAD_NOTHING);
  Status decided = Internal("no answer");
  world_.fleet->revocation_desk().Decide(decide, "operator:bob",
                                         [&](const auto& answer) { decided = answer.status(); });
  world_.Settle();
  EXPECT_TRUE(asked.ok()) << asked;
  EXPECT_TRUE(decided.ok()) << decided;
  ASSERT_EQ(Told(), kDevices);
  for (const auto& session : sessions_) {
    EXPECT_EQ(session->desired.back().stops_size(), 1);
  }
}

TEST_F(FanOutTest, ASessionThatOpensMeanwhileHearsItWithItsWelcomeAndOnce) {
  const auto again = world_.Connect(Name(kDevices - 1));
  world_.Settle();
  ASSERT_EQ(again->desired.size(), 1U);
  EXPECT_EQ(again->desired[0].assignments_size(), 1);
  world_.Advance(absl::Seconds(4));
  EXPECT_EQ(again->desired.size(), 1U);
}

TEST_F(FanOutTest, WhatWaitsWhenTheControllerEndsIsHeardAtTheNextOne) {
  bool closed = false;
  world_.fleet->Drain(absl::ZeroDuration(), [&] { closed = true; });
  world_.Settle();
  EXPECT_TRUE(closed);
  EXPECT_EQ(Told(), 0U);
  world_.Advance(absl::Seconds(4));  // nobody is there to be told
  world_.Restart();
  const auto session = world_.Connect(Name(7));
  world_.Settle();
  ASSERT_EQ(session->desired.size(), 1U);
  EXPECT_EQ(session->desired[0].assignments(0).rollout_id(), "r1");
}

TEST_F(FanOutTest, ADeviceThatWaitsIsExplained) {
  bool told = false;
  world_.fleet->ExplainDevice(Name(kDevices - 1), [&](const auto& answer) {
    for (const std::string& line : answer->lines()) {
      told = told || absl::StrContains(line, "waits for its turn: 60 devices");
    }
  });
  world_.Settle();
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace flotilla::controller
