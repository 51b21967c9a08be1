// What a store that does not keep up makes of the fleet.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "tests/unit/controller/fleet/fleet_world.h"

namespace flotilla::controller {
namespace {

constexpr Duration kLook = absl::Milliseconds(200);

class FleetPressureTest : public ::testing::Test {
 protected:
  FleetPressureTest() {
    world_.Enrol("d1");
    session_ = world_.Connect("d1");
    world_.Settle();
  }

  // Of 200,000 rows.
  void Fill(std::size_t percent) {
    world_.commits->PretendLoad({2000 * percent, 0});
    world_.Advance(kLook);
  }
  void Beat() {
    world_.fleet->sessions().OnHeartbeat("d1", session_.get());
    world_.Settle();
  }
  void SayCondition(v1::DiskBand disk) {
    v1::Condition condition;
    condition.set_disk(disk);
    world_.fleet->sessions().OnCondition("d1", session_.get(), condition);
    world_.Settle();
  }
  v1::DiskBand StoredDisk() {
    const FleetSnapshot snapshot = world_.store.Load().value();
    for (const StoredDevice& device : snapshot.devices) {
      if (device.record.id() == "d1") {
        return device.record.condition().disk();
      }
    }
    return v1::DISK_BAND_UNSPECIFIED;
  }

  FleetWorld world_;
  std::shared_ptr<FakeDeviceSession> session_;
};

TEST_F(FleetPressureTest, TellsADeviceOfTheSlowerHeartbeatWhenItIsHeardNext) {
  Fill(60);
  EXPECT_EQ(session_->welcomes.size(), 1U);  // not all at once
  Beat();
  ASSERT_EQ(session_->welcomes.size(), 2U);
  EXPECT_EQ(session_->welcomes[1].heartbeat_interval().seconds(), 120);
  EXPECT_EQ(session_->welcomes[1].session_epoch(), session_->welcomes[0].session_epoch());
  Beat();
  EXPECT_EQ(session_->welcomes.size(), 2U);
  Fill(0);
  Beat();
  ASSERT_EQ(session_->welcomes.size(), 3U);
  EXPECT_EQ(session_->welcomes[2].heartbeat_interval().seconds(), 60);
}

TEST_F(FleetPressureTest, ADeviceThatWasAskedToBeatLessOftenIsNotLateMeanwhile) {
  Fill(80);
  Beat();
  EXPECT_EQ(session_->welcomes.back().heartbeat_interval().seconds(), 300);
  world_.Advance(absl::Seconds(330));
  EXPECT_EQ(world_.Device("d1").liveness(), v1::LIVENESS_ONLINE);
}

TEST_F(FleetPressureTest, NewestValuesWaitInMemoryOverThreeQuartersAndOnlyTheLastIsWritten) {
  SayCondition(v1::DISK_BAND_AMPLE);
  world_.Advance(absl::Seconds(3));
  EXPECT_EQ(StoredDisk(), v1::DISK_BAND_AMPLE);
  Fill(80);
  SayCondition(v1::DISK_BAND_LOW);
  SayCondition(v1::DISK_BAND_CRITICAL);
  world_.Advance(absl::Seconds(90));
  EXPECT_EQ(StoredDisk(), v1::DISK_BAND_AMPLE);
  EXPECT_EQ(world_.Device("d1").condition().disk(), v1::DISK_BAND_CRITICAL);
  Fill(0);
  world_.Advance(absl::Seconds(3));
  EXPECT_EQ(StoredDisk(), v1::DISK_BAND_CRITICAL);
}

TEST_F(FleetPressureTest, ReportsAreTakenAtEveryLevel) {
  Fill(99);
  world_.Report("d1", *session_, 1, v1::DEPLOYMENT_STATE_ACCEPTED);
  world_.Settle();
  ASSERT_FALSE(session_->acks.empty());
  EXPECT_EQ(session_->acks.back().durable_seq(), 1U);
}

TEST_F(FleetPressureTest, SessionsAreNotReadOverNineTenthsAndNotTakenForSilent) {
  Fill(95);
  EXPECT_FALSE(world_.fleet->reads().open());
  bool read_on = false;
  world_.fleet->reads().Hold([&read_on] { read_on = true; });
  world_.Advance(absl::Seconds(1500));
  EXPECT_FALSE(read_on);
  EXPECT_EQ(world_.Device("d1").liveness(), v1::LIVENESS_ONLINE);
  EXPECT_TRUE(session_->open());
  Fill(70);
  EXPECT_TRUE(read_on);
  EXPECT_TRUE(world_.fleet->reads().open());
}

// Devices that say their next report whenever they are read, and a disk that wakes up now and then.
TEST(FleetPressure, ASlowStoreBoundsItsQueueAndLosesNoReport) {
  constexpr std::size_t kDevices = 60;
  constexpr std::uint64_t kReports = 20;
  constexpr std::size_t kFull = 100;  // changes that wait
  constexpr std::size_t kRowsOfOne = 200'000 / kFull;
  FleetWorld world;
  std::vector<std::shared_ptr<FakeDeviceSession>> sessions;
  for (std::size_t i = 0; i < kDevices; ++i) {
    world.Enrol(absl::StrCat("d", i));
    sessions.push_back(world.Connect(absl::StrCat("d", i)));
  }
  world.Settle();
  std::uint64_t said = 0;
  std::size_t most = 0;
  std::size_t held = 0;
  for (int round = 0; round < 1000 && said < kReports; ++round) {
    if (world.fleet->reads().open()) {
      ++said;
      for (std::size_t i = 0; i < kDevices; ++i) {
        world.Report(absl::StrCat("d", i), *sessions[i], said, v1::DEPLOYMENT_STATE_DOWNLOADING);
      }
    } else {
      ++held;
    }
    most = std::max(most, world.commits->waiting());
    world.commits->PretendLoad({world.commits->waiting() * kRowsOfOne, 0});
    world.loop->Advance(absl::Milliseconds(100));
    if (round % 5 == 4) {
      world.Settle();
    }
  }
  world.Settle();
  EXPECT_GT(held, 0U);
  EXPECT_LE(most, kFull * 9 / 10 + kDevices);
  for (const auto& session : sessions) {
    ASSERT_FALSE(session->acks.empty());
    EXPECT_EQ(session->acks.back().durable_seq(), kReports);
  }
}

}  // namespace
}  // namespace flotilla::controller
