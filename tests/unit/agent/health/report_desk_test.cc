#include "agent/health/report_desk.h"

#include <map>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "agent/health/health_paths.h"
#include "base/os_durable_fs.h"
#include "telemetry/dp/budget.h"
#include "tests/support/power_cut_fs.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000LL / 3600 * 3600);
constexpr dp::LedgerTime kTime = {kStart, kStart};

// Reports that a device with this state folder would make: two windows of each of six gates.
class World {
 public:
  World() : fleet_(kStart), key_(*security::GenerateEd25519()) {
    for (std::uint8_t i = 1; i <= 6; ++i) {
      auto task = TaskOf(schema::MetricId::kGateVerdict, ReleaseOf(i), absl::Hours(1), kStart);
      auto made = std::make_shared<const dap::Task>(*dap::Task::Create(task));
      for (const dap::WindowStart window : {task.interval.start, task.interval.start + 1}) {
        reports_.push_back({made, window, made->EndOf(window) + absl::Minutes(3)});
      }
    }
  }
  const std::vector<PlannedReport>& reports() const { return reports_; }
  SealingKeys Keys() const { return fleet_.Keys(kStart); }
  ReportDesk::Parts PartsOn(DurableFs& fs) { return {fs, random_, *key_}; }

 private:
  HealthFleet fleet_;
  std::unique_ptr<security::KeyPair> key_;
  SeededRandom random_{3};
  std::vector<PlannedReport> reports_;
};

Status Enrol(DurableFs& fs, const std::filesystem::path& state_dir) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, HealthDir(state_dir)));
  return dp::Ledger::CreateAtEnrolment(fs, LedgerPath(state_dir));
}

class ReportDeskTest : public testing::Test {
 protected:
  ReportDeskTest() { EXPECT_TRUE(Enrol(fs_, dir_.path()).ok()); }
  ReportDesk Open() { return *ReportDesk::Open(dir_.path(), world_.PartsOn(fs_)); }

  const TempDir dir_;
  OsDurableFs fs_;
  World world_;
};

TEST_F(ReportDeskTest, AReportIsPaidForAndSpooledWithItsMoment) {
  ReportDesk desk = Open();
  ASSERT_TRUE(desk.OpenLedger(kTime).ok());
  const PlannedReport& report = world_.reports()[0];
  ASSERT_TRUE(desk.File(report, 1, world_.Keys(), kTime).ok());
  EXPECT_EQ(7 * dp::kNanoEpsilon, desk.ledger()->book().RemainingNanoEpsilon(kStart));
  const SpoolEntry entry = Open().spool().entries().begin()->second;
  EXPECT_EQ(report.send_at, entry.send_at);
  EXPECT_EQ(32 + report.task->report_size(), entry.upload.size());
  EXPECT_TRUE(std::equal(entry.upload.begin(), entry.upload.begin() + 32,
                         report.task->id().bytes().begin()));
}

TEST_F(ReportDeskTest, ThereIsOneReportForATaskAndWindow) {
  {
    ReportDesk desk = Open();
    ASSERT_TRUE(desk.OpenLedger(kTime).ok());
    ASSERT_TRUE(desk.File(world_.reports()[0], 1, world_.Keys(), kTime).ok());
    ASSERT_TRUE(desk.spool().Remove(desk.spool().entries().begin()->first).ok());
  }
  ReportDesk again = Open();
  ASSERT_TRUE(again.OpenLedger(kTime).ok());
  EXPECT_EQ(StatusCode::kAlreadyExists,
            again.File(world_.reports()[0], 2, world_.Keys(), kTime).code());
  EXPECT_TRUE(again.spool().entries().empty());
}

TEST_F(ReportDeskTest, OverTheCapNothingIsMade) {
  ReportDesk desk = Open();
  ASSERT_TRUE(desk.OpenLedger(kTime).ok());
  for (std::size_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(desk.File(world_.reports()[i], 1, world_.Keys(), kTime).ok()) << i;
  }
  EXPECT_EQ(StatusCode::kResourceExhausted,
            desk.File(world_.reports()[8], 1, world_.Keys(), kTime).code());
  EXPECT_EQ(8U, desk.spool().entries().size());
}

TEST_F(ReportDeskTest, AnUpgradedDeviceWithoutALedgerIsSilentForTheBudgetWindow) {
  ASSERT_TRUE(DurableRemove(fs_, LedgerPath(dir_.path())).ok());
  ReportDesk desk = Open();
  ASSERT_TRUE(desk.OpenLedger(kTime).ok());
  EXPECT_EQ(StatusCode::kResourceExhausted,
            desk.File(world_.reports()[0], 1, world_.Keys(), kTime).code());
  const Time later = kStart + dp::kBudgetWindow + absl::Seconds(1);
  EXPECT_TRUE(desk.File(world_.reports()[0], 1, world_.Keys(), {later, later}).ok());
}

TEST_F(ReportDeskTest, BeforeTheLedgerIsOpenNothingIsMade) {
  ReportDesk desk = Open();
  EXPECT_EQ(StatusCode::kFailedPrecondition,
            desk.File(world_.reports()[0], 1, world_.Keys(), kTime).code());
}

// What left the device, over all its lives.
struct Sent {
  std::map<dp::ChargeId, std::set<Bytes>> by_window;

  void Send(const ReportDesk& desk) {
    for (const auto& [id, entry] : desk.spool().entries()) {
      by_window[id].insert(entry.upload);
    }
  }
};

// One run of the agent: sends what waits, then tries `count` reports from `first` on, sending all
// that lies in the spool after each.
void Run(World& world, DurableFs& fs, const std::filesystem::path& state_dir, std::size_t first,
         std::size_t count, Sent& sent) {
  auto desk = ReportDesk::Open(state_dir, world.PartsOn(fs));
  if (!desk.ok()) {
    return;
  }
  sent.Send(*desk);
  if (!desk->OpenLedger(kTime).ok()) {
    return;
  }
  for (std::size_t i = first; i < first + count; ++i) {
    desk->File(world.reports()[i], 1, world.Keys(), kTime).IgnoreError();
    sent.Send(*desk);
  }
}

// False: there was no cut.
bool LiveThroughACut(World& world, CutMode mode, std::uint64_t cut_at) {
  const TempDir dir;
  OsDurableFs disk;
  EXPECT_TRUE(Enrol(disk, dir.path()).ok());
  Sent sent;
  PowerCutFs fs(dir.path(), cut_at, mode);
  Run(world, fs, dir.path(), 0, 3, sent);
  fs.Restore();
  // Afterwards it tries everything anew, as a device that forgot what it did.
  Run(world, disk, dir.path(), 0, 12, sent);
  Run(world, disk, dir.path(), 0, 12, sent);
  for (const auto& [id, reports] : sent.by_window) {
    EXPECT_EQ(1U, reports.size()) << "two reports of one window";
  }
  EXPECT_LE(sent.by_window.size(), 8U) << "over the cap";
  return fs.calls() >= cut_at;
}

class ReportDeskPowerCut : public testing::TestWithParam<CutMode> {};

TEST_P(ReportDeskPowerCut, AtAnyCallNeverMakesTwoReportsOfAWindowNorExceedsTheCap) {
  World world;
  std::uint64_t cut_at = 1;
  while (LiveThroughACut(world, GetParam(), cut_at)) {
    if (HasFailure()) {
      FAIL() << "cut at call " << cut_at;
    }
    ++cut_at;
  }
  EXPECT_GT(cut_at, 20U);
}

INSTANTIATE_TEST_SUITE_P(Modes, ReportDeskPowerCut,
                         testing::Values(CutMode::kKill, CutMode::kPower, CutMode::kTorn,
                                         CutMode::kOneFailure));

}  // namespace
}  // namespace flotilla::agent
