#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_HEALTH_SENSORS_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_HEALTH_SENSORS_H_

#include <optional>

#include "agent/condition/health_sensors.h"

namespace flotilla::agent {

// HealthSensors that say what the test wrote; without that there is no sensor.
class FakeHealthSensors final : public HealthSensors {
 public:
  std::optional<double> Celsius() override { return celsius; }
  std::optional<double> JoulesTotal() override { return joules; }
  std::optional<Duration> ThrottledTotal() override { return throttled; }

  std::optional<double> celsius;
  std::optional<double> joules;
  std::optional<Duration> throttled;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_HEALTH_SENSORS_H_
