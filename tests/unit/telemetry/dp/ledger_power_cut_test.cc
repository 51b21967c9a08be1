#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "telemetry/dp/budget.h"
#include "telemetry/dp/ledger.h"
#include "tests/support/power_cut_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla::dp {
namespace {

constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000);
constexpr LedgerTime kNow = {kStart, kStart};

Charge Gate(std::uint32_t number) {
  Charge charge;
  charge.id = {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8U)};
  charge.cost = {kNanoEpsilon, 0};
  return charge;
}

// A device's life on one disk: it spools a report when, and only when, Spend said OK.
class Device {
 public:
  explicit Device(std::filesystem::path path) : path_(std::move(path)) {}

  void Enrol(DurableFs& fs) { enrolled_ = Ledger::CreateAtEnrolment(fs, path_).ok(); }
  bool enrolled() const { return enrolled_; }

  // One run of the agent: opens the ledger and tries to report `reports` windows, each once; then
  // the windows of `again` a second time, as an agent that forgot that it did.
  void Run(DurableFs& fs, std::uint32_t reports, std::uint32_t again) {
    auto ledger = Ledger::Open(fs, path_, kNow);
    if (!ledger.ok()) {
      return;
    }
    for (std::uint32_t i = 0; i < reports + again; ++i) {
      const std::uint32_t window =
          i < reports ? next_window_++ : next_window_ - again + i - reports;
      if ((*ledger)->Spend(Gate(window), kNow).ok()) {
        spooled_nano_epsilon_ += kNanoEpsilon;
      }
    }
  }
  std::uint64_t spooled_nano_epsilon() const { return spooled_nano_epsilon_; }

 private:
  std::filesystem::path path_;
  bool enrolled_ = false;
  std::uint32_t next_window_ = 0;
  std::uint64_t spooled_nano_epsilon_ = 0;
};

// Lives through a cut at call `cut_at`, then through two more runs. False: the cut did not happen.
bool LiveThroughACut(CutMode mode, std::uint64_t cut_at) {
  const TempDir dir;
  Device device(dir.path() / "ledger");
  PowerCutFs fs(dir.path(), cut_at, mode);
  device.Enrol(fs);
  if (device.enrolled()) {  // else there is no identity, and nobody to report
    device.Run(fs, 3, 1);
    device.Run(fs, 3, 0);
  }
  fs.Restore();
  OsDurableFs disk;
  if (!device.enrolled()) {
    device.Enrol(disk);
  }
  const auto after = Ledger::Open(disk, dir.path() / "ledger", kNow).value();
  EXPECT_LE(after->book().RemainingNanoEpsilon(kStart),
            kCapNanoEpsilon - device.spooled_nano_epsilon());
  device.Run(disk, 12, 2);
  device.Run(disk, 12, 2);
  EXPECT_LE(device.spooled_nano_epsilon(), kCapNanoEpsilon);
  return fs.was_cut();
}

class LedgerPowerCut : public testing::TestWithParam<CutMode> {};

TEST_P(LedgerPowerCut, AtAnyWriteNeverLetsMoreThanTheCapOut) {
  std::uint64_t cut_at = 1;
  while (LiveThroughACut(GetParam(), cut_at)) {
    ASSERT_FALSE(HasFailure()) << "cut at call " << cut_at;
    ++cut_at;
  }
  EXPECT_GT(cut_at, 15U);  // every call of both runs was cut at once
}

std::string NameOf(const testing::TestParamInfo<CutMode>& info) {
  switch (info.param) {
    case CutMode::kKill:
      return "Kill";
    case CutMode::kPower:
      return "Power";
    default:
      return "Torn";
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, LedgerPowerCut,
                         testing::Values(CutMode::kKill, CutMode::kPower, CutMode::kTorn), NameOf);

}  // namespace
}  // namespace flotilla::dp
