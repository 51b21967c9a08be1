// LineSlots and releases that the operators revoked.
#include <memory>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "ota/line_slots.h"
#include "tests/unit/ota/device_rig.h"

namespace flotilla::ota {
namespace {

class RevokedSlots : public ::testing::Test {
 protected:
  RevokedSlots() : device_(std::make_unique<DeviceRig>(world_, dir_.path(), fs_)) {
    EXPECT_TRUE(device_->Start().ok());
  }
  void Restart() {
    device_.reset();
    device_ = std::make_unique<DeviceRig>(world_, dir_.path(), fs_);
    ASSERT_EQ(OkStatus(), device_->Start());
  }
  LineSlots& slots() { return device_->slots(); }

  TempDir dir_;
  OsDurableFs fs_;
  World world_;
  std::unique_ptr<DeviceRig> device_;
};

TEST_F(RevokedSlots, KeepTheMarkAndWhatIsServedAcrossARestart) {
  const v1::ReleaseRef first = world_.Release("1.0.0", 1, 1);
  ASSERT_EQ(OkStatus(), device_->Update(first));
  EXPECT_FALSE(slots().CurrentRevoked().has_value());
  EXPECT_TRUE(*slots().Revoke(first, v1::SERVE_INSTEAD_STATIC_ANSWER));
  EXPECT_FALSE(*slots().Revoke(first, v1::SERVE_INSTEAD_STATIC_ANSWER)) << "nothing new is written";
  Restart();
  ASSERT_TRUE(slots().CurrentRevoked().has_value());
  EXPECT_EQ(slots().CurrentRevoked()->serve(), v1::SERVE_INSTEAD_STATIC_ANSWER);
  EXPECT_EQ(slots().active().current().ref().version(), "1.0.0");
}

TEST_F(RevokedSlots, TheRevocationCountsMoreThanAnEarlierMark) {
  const v1::ReleaseRef first = world_.Release("1.0.0", 1, 1);
  ASSERT_EQ(OkStatus(), device_->Update(first));
  ASSERT_EQ(OkStatus(), device_->Update(world_.Release("2.0.0", 2, 2)));
  ASSERT_TRUE(slots().RollBack(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, MarkMode::kMarkBad).ok());
  const v1::ReleaseRef second = slots().marked_bad().front().release();
  EXPECT_TRUE(*slots().Revoke(second, v1::SERVE_INSTEAD_NOTHING));
  ASSERT_EQ(slots().marked_bad().size(), 1U);
  EXPECT_EQ(slots().marked_bad().front().reason(), v1::FAILURE_REASON_POLICY_REVOKED);
}

TEST_F(RevokedSlots, GoBackOnlyToAReleaseThatMayRun) {
  const v1::ReleaseRef first = world_.Release("1.0.0", 1, 1);
  ASSERT_EQ(OkStatus(), device_->Update(first));
  EXPECT_FALSE(slots().CanGoBack());
  ASSERT_EQ(OkStatus(), device_->Update(world_.Release("2.0.0", 2, 2)));
  EXPECT_TRUE(slots().CanGoBack());
  ASSERT_EQ(OkStatus(), slots().RaiseFloor(2));
  EXPECT_FALSE(slots().CanGoBack()) << "below the publisher's floor";
}

TEST_F(RevokedSlots, AreNotInstalledAgain) {
  const v1::ReleaseRef first = world_.Release("1.0.0", 1, 1);
  EXPECT_TRUE(*slots().Revoke(first, v1::SERVE_INSTEAD_NOTHING));
  EXPECT_EQ(ReasonNumber(device_->Update(first)), v1::FAILURE_REASON_POLICY_MARKED_BAD);
}

}  // namespace
}  // namespace flotilla::ota
