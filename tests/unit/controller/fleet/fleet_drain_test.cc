#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

// 250 sessions at 250 handshakes a second: a drain takes a second and a half.
constexpr std::size_t kDevices = 250;

class FleetDrainTest : public ::testing::Test {
 protected:
  FleetDrainTest() {
    for (std::size_t i = 0; i < kDevices; ++i) {
      world_.Enrol(absl::StrCat("d", i));
      sessions_.push_back(world_.Connect(absl::StrCat("d", i)));
    }
    world_.Settle();
  }

  void Drain(Duration limit) {
    world_.fleet->Drain(limit, [this] { ++done_; });
    world_.Settle();
  }
  std::size_t Open() const {
    return static_cast<std::size_t>(std::count_if(
        sessions_.begin(), sessions_.end(), [](const auto& session) { return session->open(); }));
  }

  FleetWorld world_;
  std::vector<std::shared_ptr<FakeDeviceSession>> sessions_;
  int done_ = 0;
};

TEST_F(FleetDrainTest, TellsEverybodyAtOnceAndClosesThemEvenlyOverTheWindow) {
  Drain(absl::Seconds(30));
  for (const auto& session : sessions_) {
    ASSERT_EQ(session->drains.size(), 1U);
    EXPECT_EQ(session->drains[0].spread().seconds(), 5);
  }
  EXPECT_EQ(Open(), kDevices);
  world_.Advance(absl::Milliseconds(500));
  EXPECT_GT(Open(), kDevices / 2);
  EXPECT_LT(Open(), kDevices * 8 / 10);
  EXPECT_EQ(done_, 0);
  world_.Advance(absl::Milliseconds(1200));
  EXPECT_EQ(Open(), 0U);
  EXPECT_EQ(done_, 1);
  EXPECT_EQ(sessions_[0]->closed->code(), StatusCode::kUnavailable);
}

TEST_F(FleetDrainTest, IsOverWithinItsLimit) {
  Drain(absl::Milliseconds(300));
  world_.Advance(absl::Milliseconds(400));
  EXPECT_EQ(Open(), 0U);
  EXPECT_EQ(done_, 1);
}

TEST_F(FleetDrainTest, ASecondWordEndsItAtOnceAndBothAreAnswered) {
  Drain(absl::Seconds(30));
  Drain(absl::ZeroDuration());
  EXPECT_EQ(Open(), 0U);
  EXPECT_EQ(done_, 2);
}

TEST_F(FleetDrainTest, AReportOfASessionThatIsStillOpenIsAcknowledged) {
  Drain(absl::Seconds(30));
  world_.Report("d7", *sessions_[7], 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world_.Settle();
  ASSERT_FALSE(sessions_[7]->acks.empty());
  EXPECT_EQ(sessions_[7]->acks.back().durable_seq(), 1U);
}

TEST_F(FleetDrainTest, NoNewSessionIsTaken) {
  Drain(absl::Seconds(30));
  const auto late = world_.Connect("d7");
  world_.Settle();
  EXPECT_TRUE(late->welcomes.empty());
  EXPECT_EQ(late->closed->code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace flotilla::controller
