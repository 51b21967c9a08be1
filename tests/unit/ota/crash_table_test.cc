// The crash table of an update: whatever call of the file system is the last one before a kill or a
// power cut, the line has a release that runs, and the update goes on to its end after the restart.
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "tests/support/power_cut_fs.h"
#include "tests/unit/ota/device_rig.h"

namespace flotilla::ota {
namespace {

class CrashTable : public testing::TestWithParam<CutMode> {
 protected:
  void SetUp() override {
    first_ = world_.Release("1.0.0", 1, 1);
    second_ = world_.Release("2.0.0", 2, 2);
  }

  // A device that runs 1.0.0, confirmed.
  void InstallFirst(const std::filesystem::path& dir) {
    PowerCutFs fs(dir, 0, CutMode::kKill);
    DeviceRig device(world_, dir, fs);
    ASSERT_EQ(OkStatus(), device.Start());
    ASSERT_EQ(OkStatus(), device.Update(first_));
  }

  World world_;
  v1::ReleaseRef first_;
  v1::ReleaseRef second_;
};

TEST_P(CrashTable, EveryPrefixOfAnUpdateLeavesARunnableReleaseAndGoesOn) {
  std::uint64_t cut_at = 1;
  for (bool cut = true; cut; ++cut_at) {
    SCOPED_TRACE("cut at call " + std::to_string(cut_at));
    const TempDir dir;
    ASSERT_NO_FATAL_FAILURE(InstallFirst(dir.path()));
    {
      PowerCutFs fs(dir.path(), cut_at, GetParam());
      DeviceRig device(world_, dir.path(), fs);
      Status status = device.Start();
      if (status.ok()) {
        status = device.Update(second_);
      }
      cut = fs.was_cut();
      ASSERT_EQ(cut, !status.ok()) << status;
      fs.Restore();
    }
    PowerCutFs fs(dir.path(), 0, CutMode::kKill);
    DeviceRig device(world_, dir.path(), fs);
    ASSERT_EQ(OkStatus(), device.Start());
    ASSERT_NE(RecoveryAction::kSafeMode, device.plan().action);
    ASSERT_TRUE(IsRunnable(device.store(), device.slots().active().current()));
    ASSERT_EQ(OkStatus(), device.Update(second_));
    ASSERT_EQ("2.0.0", device.current());
    ASSERT_EQ("1.0.0", device.slots().active().previous().ref().version());
    ASSERT_TRUE(IsRunnable(device.store(), device.slots().active().current()));
    ASSERT_TRUE(IsRunnable(device.store(), device.slots().active().previous()));
    ASSERT_EQ(0U, device.slots().failed_transactions(
                      Digest::FromBytes(AsBytes(second_.sha256())).value()));
  }
  EXPECT_GT(cut_at, 60U);
}

TEST_P(CrashTable, EveryPrefixOfARollBackEndsInThePreviousRelease) {
  std::uint64_t cut_at = 1;
  for (bool cut = true; cut; ++cut_at) {
    SCOPED_TRACE("cut at call " + std::to_string(cut_at));
    const TempDir dir;
    ASSERT_NO_FATAL_FAILURE(InstallFirst(dir.path()));
    {
      PowerCutFs fs(dir.path(), 0, CutMode::kKill);
      DeviceRig device(world_, dir.path(), fs);
      ASSERT_EQ(OkStatus(), device.Start());
      ASSERT_EQ(OkStatus(), device.Update(second_));
    }
    {
      PowerCutFs fs(dir.path(), cut_at, GetParam());
      DeviceRig device(world_, dir.path(), fs);
      Status status = device.Start();
      if (status.ok()) {
        status = device.slots().RollBack(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, MarkMode::kMarkBad);
      }
      cut = fs.was_cut();
      fs.Restore();
    }
    PowerCutFs fs(dir.path(), 0, CutMode::kKill);
    DeviceRig device(world_, dir.path(), fs);
    ASSERT_EQ(OkStatus(), device.Start());
    ASSERT_TRUE(IsRunnable(device.store(), device.slots().active().current()));
    if (device.current() == "2.0.0") {
      // Before its commit point: the agent finds the crash loop again and goes back again.
      ASSERT_EQ(OkStatus(),
                device.slots().RollBack(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, MarkMode::kMarkBad));
    }
    ASSERT_EQ("1.0.0", device.current());
    ASSERT_EQ("2.0.0", device.slots().active().failed().ref().version());
    const std::optional<v1::MarkedBad> bad =
        device.slots().FindBad(Digest::FromBytes(AsBytes(second_.sha256())).value());
    ASSERT_TRUE(bad.has_value());
    ASSERT_EQ(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, bad->reason());
    // Recovered once, there is nothing more to recover.
    ASSERT_TRUE(device.slots().Recover()->missing_records.empty());
  }
  EXPECT_GT(cut_at, 10U);
}

TEST_P(CrashTable, EveryPrefixOfAnUpdateOfSeveralFilesIsAllOrNothing) {
  const v1::ReleaseRef base = world_.ReleaseSet("3.0.0", 3, std::nullopt, 1.0F);
  const VariantFile model = world_.repository.last_document().variants.front().model();
  const v1::ReleaseRef adapted = world_.ReleaseSet("3.1.0", 4, model, 2.0F);
  std::uint64_t cut_at = 1;
  for (bool cut = true; cut; ++cut_at) {
    SCOPED_TRACE("cut at call " + std::to_string(cut_at));
    const TempDir dir;
    {
      PowerCutFs fs(dir.path(), 0, CutMode::kKill);
      DeviceRig device(world_, dir.path(), fs);
      ASSERT_EQ(OkStatus(), device.Start());
      ASSERT_EQ(OkStatus(), device.Update(base));
    }
    {
      PowerCutFs fs(dir.path(), cut_at, GetParam());
      DeviceRig device(world_, dir.path(), fs);
      Status status = device.Start();
      if (status.ok()) {
        status = device.Update(adapted);
      }
      cut = fs.was_cut();
      fs.Restore();
    }
    PowerCutFs fs(dir.path(), 0, CutMode::kKill);
    DeviceRig device(world_, dir.path(), fs);
    ASSERT_EQ(OkStatus(), device.Start());
    ASSERT_NE(RecoveryAction::kSafeMode, device.plan().action);
    ASSERT_TRUE(IsRunnable(device.store(), device.slots().active().current()));
    ASSERT_EQ(OkStatus(), device.Update(adapted));
    const v1::ActiveRecord active = device.slots().active();
    ASSERT_EQ("3.1.0", active.current().ref().version());
    ASSERT_EQ(2, active.current().files_size());
    ASSERT_TRUE(IsRunnable(device.store(), active.current()));
    ASSERT_TRUE(IsRunnable(device.store(), active.previous()));
    // Both releases: documents, adapters, templates; the model and the golden prompts once.
    ASSERT_EQ(8U, device.store().List().size());
  }
  EXPECT_GT(cut_at, 60U);
}

INSTANTIATE_TEST_SUITE_P(All, CrashTable,
                         testing::Values(CutMode::kKill, CutMode::kPower, CutMode::kTorn),
                         [](const auto& param) {
                           return param.param == CutMode::kKill    ? "Kill"
                                  : param.param == CutMode::kPower ? "Power"
                                                                   : "Torn";
                         });

TEST(CrashTableTraffic, AKillCostsAtMostOneLeafOfTraffic) {
  World world;
  const v1::ReleaseRef release = world.Release("1.0.0", 1, 1);
  const std::uint64_t model =
      world.repository.last_document().variants.front().model().target.length;
  bool cut = true;
  for (std::uint64_t cut_at = 1; cut; ++cut_at) {
    SCOPED_TRACE("cut at call " + std::to_string(cut_at));
    const TempDir dir;
    const std::uint64_t before = world.blobs.bytes_served();
    {
      PowerCutFs fs(dir.path(), cut_at, CutMode::kKill);
      DeviceRig device(world, dir.path(), fs);
      if (device.Start().ok()) {
        device.Update(release).IgnoreError();
      }
      cut = fs.was_cut();
    }
    PowerCutFs fs(dir.path(), 0, CutMode::kKill);
    DeviceRig device(world, dir.path(), fs);
    ASSERT_EQ(OkStatus(), device.Start());
    ASSERT_EQ(OkStatus(), device.Update(release));
    // One leaf is a tensor of 4 KiB or a piece of the fetcher; the small files are 1.5 KiB, twice.
    ASSERT_LE(world.blobs.bytes_served() - before, model + 4096 + 1000 + std::uint64_t{2} * 3000);
  }
}

TEST(CrashTableFailure, AnyOneCallMayFailAndTheNextRunSucceeds) {
  World world;
  const v1::ReleaseRef release = world.Release("1.0.0", 1, 1);
  bool failed = true;
  std::uint64_t fail_at = 1;
  for (; failed; ++fail_at) {
    SCOPED_TRACE("failing at call " + std::to_string(fail_at));
    const TempDir dir;
    PowerCutFs fs(dir.path(), fail_at, CutMode::kOneFailure);
    {
      DeviceRig device(world, dir.path(), fs);
      Status status = device.Start();
      if (status.ok()) {
        status = device.Update(release);
      }
      failed = fs.calls() >= fail_at;
      if (!failed) {
        ASSERT_EQ(OkStatus(), status);
        break;
      }
    }
    DeviceRig device(world, dir.path(), fs);
    ASSERT_EQ(OkStatus(), device.Start());
    ASSERT_EQ(OkStatus(), device.Update(release));
    ASSERT_EQ("1.0.0", device.current());
    ASSERT_TRUE(IsRunnable(device.store(), device.slots().active().current()));
  }
  EXPECT_GT(fail_at, 60U);
}

}  // namespace
}  // namespace flotilla::ota
