#include <sys/stat.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/condition/os_health_sensors.h"
#include "agent/condition/sysfs.h"
#include "tests/support/fake_executor.h"
#include "tests/support/sysfs_tree.h"

namespace flotilla::agent {
namespace {

constexpr char kPackage[] = "class/powercap/intel-rapl:0/";
constexpr char kMonitor[] = "class/hwmon/hwmon2/";
constexpr char kFirmware[] = "devices/platform/soc/soc:firmware/get_throttled";
constexpr char kCpu[] = "devices/system/cpu/cpu";

// What a file that should hold a number may hold instead.
std::vector<std::string> Hostile() {
  return {"",
          "\n",
          "-5",
          "1e6",
          "0x10",
          "12 13",
          "nan",
          "99999999999999999999999",
          "1.5",
          "\xff\xfe",
          "+3\n",
          " 4",
          std::string(1 << 20, '7'),
          std::string("1\0", 2)};
}

class OsHealthSensorsTest : public testing::Test {
 protected:
  OsHealthSensors Sensors() { return OsHealthSensors(sys_.root(), clock_); }
  void Package(const std::string& micros) {
    sys_.Write(std::string(kPackage) + "energy_uj", micros);
  }
  void MakePackage(const std::string& range = "262143328850") {
    sys_.Write(std::string(kPackage) + "name", "package-0");
    sys_.Write(std::string(kPackage) + "max_energy_range_uj", range);
    Package("1000000");
  }
  void MakeMonitor(const std::string& name = "ina226") {
    sys_.Write(std::string(kMonitor) + "name", name);
  }
  void Monitor(const std::string& file, const std::string& value) {
    sys_.Write(kMonitor + file, value);
  }
  void Throttle(int cpu, const std::string& name, const std::string& millis) {
    sys_.Write(kCpu + std::to_string(cpu) + "/thermal_throttle/" + name + "_throttle_total_time_ms",
               millis);
  }

  SysfsTree sys_;
  FakeExecutor clock_;
};

TEST_F(OsHealthSensorsTest, SayNothingWhereThereIsNoSensor) {
  OsHealthSensors sensors = Sensors();
  EXPECT_FALSE(sensors.Celsius().has_value());
  EXPECT_FALSE(sensors.JoulesTotal().has_value());
  EXPECT_FALSE(sensors.ThrottledTotal().has_value());
}

TEST_F(OsHealthSensorsTest, TellTheHottestZone) {
  sys_.Write("class/thermal/thermal_zone0/temp", "41500");
  sys_.Write("class/thermal/thermal_zone1/temp", "63000");
  sys_.Write("class/thermal/thermal_zone10/temp", "-20000");
  sys_.Write("class/thermal/cooling_device0/temp", "99000");
  OsHealthSensors sensors = Sensors();
  EXPECT_DOUBLE_EQ(sensors.Celsius().value_or(0), 63.0);
  sys_.Write("class/thermal/thermal_zone2/temp", "88123");
  EXPECT_DOUBLE_EQ(sensors.Celsius().value_or(0), 88.123);
}

TEST_F(OsHealthSensorsTest, LeaveOutAZoneThatIsNotConnectedOrNotReadable) {
  sys_.Write("class/thermal/thermal_zone0/temp", "-274000");
  sys_.Write("class/thermal/thermal_zone1/temp", "200001");
  OsHealthSensors sensors = Sensors();
  EXPECT_FALSE(sensors.Celsius().has_value());
  sys_.Write("class/thermal/thermal_zone2/temp", "30000");
  for (const std::string& text : Hostile()) {
    sys_.WriteRaw("class/thermal/thermal_zone3/temp", text == "-5" ? "x" : text);
    EXPECT_DOUBLE_EQ(sensors.Celsius().value_or(0), 30.0) << text.substr(0, 30);
  }
}

TEST_F(OsHealthSensorsTest, CountThePackagesEnergyAndNotItsPartsTwice) {
  MakePackage();
  sys_.Write("class/powercap/intel-rapl:0:0/name", "core");
  sys_.Write("class/powercap/intel-rapl:0:0/energy_uj", "5");
  sys_.Write("class/powercap/intel-rapl:1/name", "psys");
  sys_.Write("class/powercap/intel-rapl:1/energy_uj", "5");
  OsHealthSensors sensors = Sensors();
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 0.0);
  clock_.Advance(absl::Seconds(10));
  Package("151000000");
  sys_.Write("class/powercap/intel-rapl:0:0/energy_uj", "100000005");
  sys_.Write("class/powercap/intel-rapl:1/energy_uj", "900000005");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 150.0);
}

TEST_F(OsHealthSensorsTest, GoOnWhenACounterGoesRound) {
  MakePackage("100000000");
  Package("99000000");
  OsHealthSensors sensors = Sensors();
  EXPECT_TRUE(sensors.JoulesTotal().has_value());
  clock_.Advance(absl::Seconds(1));
  Package("4000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 5.0);
}

TEST_F(OsHealthSensorsTest, CountNothingForACounterThatFellOrRanAway) {
  MakePackage("none");
  Package("50000000");
  OsHealthSensors sensors = Sensors();
  EXPECT_TRUE(sensors.JoulesTotal().has_value());
  clock_.Advance(absl::Seconds(1));
  Package("1000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 0.0);
  Package("18446744073709551615");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 0.0);
  Package("10000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 0.0);
  clock_.Advance(absl::Seconds(1));
  Package("12000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 2.0);
}

TEST_F(OsHealthSensorsTest, KeepTheTotalWhileACounterCannotBeRead) {
  MakePackage();
  OsHealthSensors sensors = Sensors();
  EXPECT_TRUE(sensors.JoulesTotal().has_value());
  for (const std::string& text : Hostile()) {
    sys_.WriteRaw(std::string(kPackage) + "energy_uj", text);
    clock_.Advance(absl::Seconds(1));
    EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 0.0) << text.substr(0, 30);
  }
  Package("3000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 2.0);
}

TEST_F(OsHealthSensorsTest, SayNothingOfEnergyThatOnlyRootMayRead) {
  sys_.Write(std::string(kPackage) + "name", "package-0");
  OsHealthSensors sensors = Sensors();
  EXPECT_FALSE(sensors.JoulesTotal().has_value());
}

TEST_F(OsHealthSensorsTest, PreferABoardsOwnEnergyCounter) {
  MakePackage();
  MakeMonitor("ina238");
  Monitor("energy1_input", "7000000");
  Monitor("power1_input", "5000000");
  OsHealthSensors sensors = Sensors();
  EXPECT_TRUE(sensors.JoulesTotal().has_value());
  clock_.Advance(absl::Seconds(2));
  Monitor("energy1_input", "19000000");
  Package("900000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 12.0);
}

TEST_F(OsHealthSensorsTest, AddUpABoardsPowerOverTime) {
  MakeMonitor();
  Monitor("power1_input", "4000000");
  OsHealthSensors sensors = Sensors();
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 0.0);
  clock_.Advance(absl::Seconds(10));
  Monitor("power1_input", "6000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 50.0);
  Monitor("power1_input", "broken");
  clock_.Advance(absl::Hours(1));
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 50.0);
  Monitor("power1_input", "6000000");
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 50.0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_DOUBLE_EQ(sensors.JoulesTotal().value_or(-1), 56.0);
}

TEST_F(OsHealthSensorsTest, LeaveOutMonitorsOfOtherThings) {
  MakeMonitor("nvme");
  Monitor("power1_input", "4000000");
  OsHealthSensors sensors = Sensors();
  EXPECT_FALSE(sensors.JoulesTotal().has_value());
}

TEST_F(OsHealthSensorsTest, TellTheThrottlingOfTheWorstProcessor) {
  Throttle(0, "core", "100");
  Throttle(0, "package", "900");
  Throttle(11, "core", "0");
  OsHealthSensors sensors = Sensors();
  EXPECT_EQ(sensors.ThrottledTotal(), absl::ZeroDuration());
  clock_.Advance(absl::Seconds(10));
  Throttle(0, "core", "1100");
  Throttle(0, "package", "900");
  Throttle(11, "core", "2500");
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Milliseconds(2500));
  clock_.Advance(absl::Seconds(10));
  Throttle(0, "package", "1400");
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Milliseconds(3000));
}

TEST_F(OsHealthSensorsTest, NeverThrottleLongerThanTimePassedNorBackwards) {
  Throttle(0, "core", "5000");
  OsHealthSensors sensors = Sensors();
  EXPECT_EQ(sensors.ThrottledTotal(), absl::ZeroDuration());
  clock_.Advance(absl::Seconds(1));
  Throttle(0, "core", "18446744073709551615");
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Seconds(1));
  clock_.Advance(absl::Seconds(1));
  Throttle(0, "core", "3");
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Seconds(1));
  for (const std::string& text : Hostile()) {
    clock_.Advance(absl::Seconds(1));
    Throttle(0, "core", text == "-5" ? "x" : text);
    EXPECT_EQ(sensors.ThrottledTotal(), absl::Seconds(1)) << text.substr(0, 30);
  }
}

TEST_F(OsHealthSensorsTest, ReadARaspberryPisFlags) {
  sys_.Write(kFirmware, "0");
  OsHealthSensors sensors = Sensors();
  EXPECT_EQ(sensors.ThrottledTotal(), absl::ZeroDuration());
  clock_.Advance(absl::Seconds(2));
  sys_.Write(kFirmware, "50000");  // it was, and is not now
  EXPECT_EQ(sensors.ThrottledTotal(), absl::ZeroDuration());
  clock_.Advance(absl::Seconds(3));
  sys_.Write(kFirmware, "50005");
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Seconds(3));
  clock_.Advance(absl::Seconds(3));
  sys_.Write(kFirmware, "0x1");  // too little voltage alone slows nothing
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Seconds(3));
  sys_.Write(kFirmware, "throttled=0x4");
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(sensors.ThrottledTotal(), absl::Seconds(3));
}

TEST_F(OsHealthSensorsTest, FindTheFlagsOfABoardWhoseNameHasAnAddress) {
  sys_.Write("devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "4");
  OsHealthSensors sensors = Sensors();
  EXPECT_TRUE(sensors.ThrottledTotal().has_value());
}

TEST(Sysfs, TakesNoPipeAndNoFolderForAFile) {
  SysfsTree tree;
  ASSERT_EQ(::mkfifo((tree.root() / "pipe").c_str(), 0600), 0);
  tree.Write("folder/file", "1");
  EXPECT_FALSE(ReadSysfs(tree.root() / "pipe").has_value());
  EXPECT_FALSE(ReadSysfs(tree.root() / "folder").has_value());
  EXPECT_EQ(ReadSysfs(tree.root() / "folder" / "file"), "1");
}

TEST(Sysfs, ListsFewOfVeryManyEntries) {
  SysfsTree tree;
  for (std::size_t i = 0; i < kMaxSysfsEntries + 5; ++i) {
    tree.Write("zone" + std::to_string(i), "");
  }
  tree.Write("zone", "");
  tree.Write("zonex", "");
  EXPECT_EQ(SysfsNumbered(tree.root(), "zone").size(), kMaxSysfsEntries);
  EXPECT_TRUE(SysfsNumbered(tree.root() / "none", "zone").empty());
}

}  // namespace
}  // namespace flotilla::agent
