#ifndef FLOTILLA_AGENT_CONDITION_OS_HEALTH_SENSORS_H_
#define FLOTILLA_AGENT_CONDITION_OS_HEALTH_SENSORS_H_

#include <filesystem>
#include <optional>

#include "agent/condition/energy_meter.h"
#include "agent/condition/health_sensors.h"
#include "agent/condition/throttle_meter.h"
#include "base/clock.h"

namespace flotilla::agent {

// HealthSensors over Linux's sysfs. Sensors of energy and throttling are those that are there when
// it is made; thermal zones may come and go.
class OsHealthSensors final : public HealthSensors {
 public:
  // `sysfs` is /sys but in tests. `clock` must outlive it.
  OsHealthSensors(std::filesystem::path sysfs, const Clock& clock);

  // class/thermal/thermal_zone*/temp, thousandths of a degree.
  std::optional<double> Celsius() override;
  std::optional<double> JoulesTotal() override { return energy_.Total(); }
  std::optional<Duration> ThrottledTotal() override { return throttling_.Total(); }

 private:
  const std::filesystem::path sysfs_;
  EnergyMeter energy_;
  ThrottleMeter throttling_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_OS_HEALTH_SENSORS_H_
