// What every HealthSensors and every ProcessProbe (agent/condition) keeps.

#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "agent/condition/os_health_sensors.h"
#include "agent/condition/os_process_probe.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_health_sensors.h"
#include "tests/support/fake_process_probe.h"
#include "tests/support/sysfs_tree.h"

namespace flotilla::agent {
namespace {

// Sensors of a machine that spends 5 W, is throttled half of the time and 50 degrees warm.
class SensorSubject {
 public:
  virtual ~SensorSubject() = default;
  virtual HealthSensors& sensors() = 0;
  virtual void Pass(Duration time) = 0;

 protected:
  SensorSubject() = default;
  SensorSubject(const SensorSubject&) = default;
  SensorSubject& operator=(const SensorSubject&) = default;
};

class FakeSubject final : public SensorSubject {
 public:
  FakeSubject() {
    fake_.celsius = 50;
    fake_.joules = 0;
    fake_.throttled = absl::ZeroDuration();
  }
  HealthSensors& sensors() override { return fake_; }
  void Pass(Duration time) override {
    fake_.joules = *fake_.joules + 5 * absl::ToDoubleSeconds(time);
    fake_.throttled = *fake_.throttled + time / 2;
  }

 private:
  FakeHealthSensors fake_;
};

class OsSubject final : public SensorSubject {
 public:
  OsSubject() {
    sys_.Write("class/thermal/thermal_zone0/temp", "50000");
    sys_.Write("class/powercap/intel-rapl:0/name", "package-0");
    Write();
    os_ = std::make_unique<OsHealthSensors>(sys_.root(), clock_);
    os_->JoulesTotal();
    os_->ThrottledTotal();
  }
  HealthSensors& sensors() override { return *os_; }
  void Pass(Duration time) override {
    clock_.Advance(time);
    passed_ += time;
    Write();
  }

 private:
  void Write() {
    sys_.Write("class/powercap/intel-rapl:0/energy_uj",
               std::to_string(5 * absl::ToInt64Microseconds(passed_)));
    sys_.Write("devices/system/cpu/cpu0/thermal_throttle/core_throttle_total_time_ms",
               std::to_string(absl::ToInt64Milliseconds(passed_) / 2));
  }

  SysfsTree sys_;
  FakeExecutor clock_;
  Duration passed_;
  std::unique_ptr<OsHealthSensors> os_;
};

struct SensorKind {
  const char* name;
  std::function<std::unique_ptr<SensorSubject>()> make;
};

class HealthSensorsContract : public testing::TestWithParam<SensorKind> {};

TEST_P(HealthSensorsContract, TotalsRiseByWhatWasSpentAndNeverFall) {
  const auto subject = GetParam().make();
  HealthSensors& sensors = subject->sensors();
  double joules = 0;
  Duration throttled;
  for (int i = 1; i <= 10; ++i) {
    subject->Pass(absl::Seconds(2));
    EXPECT_NEAR(sensors.JoulesTotal().value_or(-1), joules + 10, 1e-6);
    EXPECT_EQ(sensors.ThrottledTotal(), throttled + absl::Seconds(1));
    joules = *sensors.JoulesTotal();
    throttled = *sensors.ThrottledTotal();
  }
}

TEST_P(HealthSensorsContract, AskingAgainAtOnceSpendsNothing) {
  const auto subject = GetParam().make();
  subject->Pass(absl::Seconds(2));
  const std::optional<double> joules = subject->sensors().JoulesTotal();
  EXPECT_EQ(subject->sensors().JoulesTotal(), joules);
  EXPECT_DOUBLE_EQ(subject->sensors().Celsius().value_or(0), 50.0);
}

INSTANTIATE_TEST_SUITE_P(
    Sensors, HealthSensorsContract,
    testing::Values(SensorKind{"Os", [] { return std::make_unique<OsSubject>(); }},
                    SensorKind{"Fake", [] { return std::make_unique<FakeSubject>(); }}),
    [](const auto& kind) { return kind.param.name; });

// A probe that knows the process of this test and no process 1 << 30.
struct ProbeKind {
  const char* name;
  std::function<std::unique_ptr<ProcessProbe>()> make;
};

std::unique_ptr<ProcessProbe> MakeFakeProbe() {
  auto probe = std::make_unique<FakeProcessProbe>();
  probe->resident[::getpid()] = 1 << 20;
  probe->kills = 3;
  return probe;
}

class ProcessProbeContract : public testing::TestWithParam<ProbeKind> {};

TEST_P(ProcessProbeContract, KnowsAProcessThatIsThereAndNoOther) {
  const auto probe = GetParam().make();
  EXPECT_GT(probe->ResidentBytes(::getpid()).value_or(0), 0U);
  EXPECT_FALSE(probe->ResidentBytes(1 << 30).has_value());
}

TEST_P(ProcessProbeContract, TheCountOfKillsNeverFalls) {
  const auto probe = GetParam().make();
  const std::optional<std::uint64_t> first = probe->OutOfMemoryKills();
  EXPECT_GE(probe->OutOfMemoryKills(), first);
}

INSTANTIATE_TEST_SUITE_P(Probes, ProcessProbeContract,
                         testing::Values(ProbeKind{"Os",
                                                   [] {
                                                     return std::make_unique<OsProcessProbe>(
                                                         "/proc", "/sys/fs/cgroup");
                                                   }},
                                         ProbeKind{"Fake", MakeFakeProbe}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace flotilla::agent
