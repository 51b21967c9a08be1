// Over which time devices are told to come back after a loss.

#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

constexpr int kDevices = 20;

// A machine that does one handshake a second: 20 devices need 30 s.
class FleetSpreadTest : public ::testing::Test {
 protected:
  FleetSpreadTest() {
    world_.options.handshakes_per_second = 1;
    world_.Restart();
    for (int i = 0; i < kDevices; ++i) {
      world_.Enrol(Name(i));
    }
  }

  static std::string Name(int i) { return absl::StrCat("d", i); }
  std::shared_ptr<FakeDeviceSession> Connect(int i) {
    auto session = world_.Connect(Name(i));
    world_.Settle();
    return session;
  }
  void Beat(int i, const FakeDeviceSession& session) {
    world_.fleet->sessions().OnHeartbeat(Name(i), &session);
    world_.Settle();
  }
  static std::int64_t Told(const FakeDeviceSession& session) {
    return session.welcomes.back().reconnect_spread().seconds();
  }

  FleetWorld world_;
};

TEST_F(FleetSpreadTest, ADeviceThatCameFirstHearsOfALongerSpreadWhenItIsHeardNext) {
  const auto first = Connect(0);
  EXPECT_EQ(Told(*first), 5);
  for (int i = 1; i < kDevices; ++i) {
    Connect(i);
  }
  EXPECT_EQ(first->welcomes.size(), 1U);  // not all at once
  Beat(0, *first);
  ASSERT_EQ(first->welcomes.size(), 2U);
  EXPECT_EQ(Told(*first), 30);
  Beat(0, *first);
  EXPECT_EQ(first->welcomes.size(), 2U);
}

TEST_F(FleetSpreadTest, AfterARestartTheFirstToComeBackHearsTheSpreadOfThemAll) {
  for (int i = 0; i < kDevices; ++i) {
    Connect(i);
  }
  world_.Restart();
  const auto first = Connect(0);
  EXPECT_EQ(Told(*first), 30);
  world_.Advance(absl::Minutes(1));
  Beat(0, *first);
  EXPECT_EQ(first->welcomes.size(), 1U);
}

TEST_F(FleetSpreadTest, DevicesThatDoNotComeBackAreForgotten) {
  for (int i = 0; i < kDevices; ++i) {
    Connect(i);
  }
  world_.Restart();
  const auto first = Connect(0);
  for (int minute = 0; minute < 11; ++minute) {
    world_.loop->Advance(absl::Minutes(1));
    Beat(0, *first);
  }
  EXPECT_EQ(Told(*first), 5);
}

}  // namespace
}  // namespace flotilla::controller
