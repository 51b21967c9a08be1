// What an update may use up: disk, and starts of one transaction.
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "ota/update_runner.h"
#include "security/sha256.h"
#include "tests/unit/ota/device_rig.h"

namespace flotilla::ota {
namespace {

constexpr std::uint64_t kLargerThanSmallFiles = 30'000;

class UpdateLimitsTest : public testing::Test {
 protected:
  UpdateLimitsTest() : release_(world_.Release("1.0.0", 1, 1)) { Restart(); }

  void Restart() {
    device_.reset();
    device_ = std::make_unique<DeviceRig>(world_, dir_.path() / "device", fs_);
    device_->options().disk_budget_bytes = budget_bytes_;
    ASSERT_EQ(OkStatus(), device_->Start());
  }
  // The process is told to end as soon as it asks for the model.
  Status PrepareUntilKilled() {
    std::stop_source killed;
    world_.blobs.OnRequest([&](const BlobRange& range) {
      if (range.total > kLargerThanSmallFiles) {
        killed.request_stop();
      }
    });
    Status status = device_->Prepare(release_, killed.get_token()).status();
    world_.blobs.OnRequest(nullptr);
    return status;
  }
  // A blob that no line refers to.
  void StoreJunk(std::size_t size) {
    const Bytes junk(size, 7);
    ASSERT_EQ(OkStatus(),
              device_->store().InstallBytes(security::Sha256(junk), BlobKind::kGolden, junk));
  }

  TempDir dir_;
  OsDurableFs fs_;
  World world_;
  std::uint64_t budget_bytes_ = 0;
  v1::ReleaseRef release_;
  std::unique_ptr<DeviceRig> device_;
};

TEST_F(UpdateLimitsTest, RefusesBeforeTheFirstByteWhatTheDiskBudgetDoesNotAllow) {
  budget_bytes_ = 1000;
  Restart();
  const Status refused = device_->Prepare(release_).status();
  EXPECT_EQ(StatusCode::kResourceExhausted, refused.code());
  EXPECT_EQ(v1::FAILURE_REASON_STORAGE_BUDGET, ReasonNumber(refused));
  EXPECT_FALSE(device_->slots().open_transaction().has_value());
}

TEST_F(UpdateLimitsTest, MakesRoomInTheDiskBudgetByCollectingWhatNobodyNeeds) {
  ASSERT_EQ(OkStatus(), device_->Update(release_));
  const std::uint64_t one = device_->store().UsedBytes();
  budget_bytes_ = 2 * one + one / 2;
  Restart();
  StoreJunk(one);
  EXPECT_GE(device_->store().UsedBytes(), 2 * one);
  EXPECT_EQ(OkStatus(), device_->Prepare(world_.Release("2.0.0", 2, 2)).status());
  EXPECT_LE(device_->store().UsedBytes(), budget_bytes_);
}

TEST_F(UpdateLimitsTest, ADownloadThatIsTakenUpAgainNeedsNoSecondBudget) {
  ASSERT_EQ(OkStatus(), device_->Update(release_));
  budget_bytes_ = 2 * device_->store().UsedBytes() + 4096;
  release_ = world_.Release("2.0.0", 2, 2);
  Restart();
  ASSERT_EQ(StatusCode::kCancelled, PrepareUntilKilled().code());
  Restart();
  EXPECT_EQ(OkStatus(), device_->Prepare(release_).status());
}

TEST_F(UpdateLimitsTest, BreaksTheLoopOfADownloadThatEveryProcessBeginsAndNoneEnds) {
  for (std::uint32_t start = 1; start <= kMaxStateChanges; ++start) {
    ASSERT_EQ(StatusCode::kCancelled, PrepareUntilKilled().code()) << start;
    ASSERT_EQ(start, device_->slots().state_changes());
    Restart();
  }
  const Status broken = device_->Prepare(release_).status();
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_LOOP_BROKEN, ReasonNumber(broken));
  EXPECT_FALSE(device_->slots().open_transaction().has_value());
  ASSERT_EQ(1U, device_->slots().marked_bad().size());
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_LOOP_BROKEN, device_->slots().marked_bad()[0].reason());
}

TEST_F(UpdateLimitsTest, TriesWithinOneProcessAreOneStateChange) {
  for (int tries = 0; tries < 3; ++tries) {
    ASSERT_EQ(StatusCode::kCancelled, PrepareUntilKilled().code());
  }
  EXPECT_EQ(1U, device_->slots().state_changes());
  EXPECT_EQ(OkStatus(), device_->Update(release_));
}

}  // namespace
}  // namespace flotilla::ota
