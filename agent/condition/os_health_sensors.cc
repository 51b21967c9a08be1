#include "agent/condition/os_health_sensors.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "agent/condition/sysfs.h"

namespace flotilla::agent {
namespace {

// Beyond these a sensor is not connected or not read right.
constexpr std::int64_t kColdest = -60'000;
constexpr std::int64_t kHottest = 200'000;
constexpr double kMilli = 1e-3;

}  // namespace

OsHealthSensors::OsHealthSensors(std::filesystem::path sysfs, const Clock& clock)
    : sysfs_(std::move(sysfs)), energy_(sysfs_, clock), throttling_(sysfs_, clock) {}

std::optional<double> OsHealthSensors::Celsius() {
  std::optional<double> hottest;
  for (const auto& zone : SysfsNumbered(sysfs_ / "class" / "thermal", "thermal_zone")) {
    const std::optional<std::int64_t> millis = ReadSysfsInteger(zone / "temp");
    if (millis.has_value() && *millis >= kColdest && *millis <= kHottest) {
      const double celsius = static_cast<double>(*millis) * kMilli;
      hottest = std::max(hottest.value_or(celsius), celsius);
    }
  }
  return hottest;
}

}  // namespace flotilla::agent
