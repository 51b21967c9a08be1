#ifndef FLOTILLA_AGENT_CONDITION_HEALTH_SENSORS_H_
#define FLOTILLA_AGENT_CONDITION_HEALTH_SENSORS_H_

#include <optional>

#include "base/time.h"

namespace flotilla::agent {

// Port: how warm, how hungry and how slowed down the machine is. nullopt: there is no such sensor,
// or it cannot be read. Totals begin at 0 with the object, never fall, and mean nothing but by
// their differences; ask for them at least once a minute while something is measured, since a
// counter that went round twice in between counts once, and power is taken for steady from one call
// to the next. One thread; a few small file reads. Real: OsHealthSensors. Fake: FakeHealthSensors
// (tests/support).
class HealthSensors {
 public:
  virtual ~HealthSensors() = default;
  // Of the hottest sensor now, -60 to 200.
  virtual std::optional<double> Celsius() = 0;
  virtual std::optional<double> JoulesTotal() = 0;
  // How long the processor was slowed down for heat or power.
  virtual std::optional<Duration> ThrottledTotal() = 0;

 protected:
  HealthSensors() = default;
  HealthSensors(const HealthSensors&) = default;
  HealthSensors& operator=(const HealthSensors&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_HEALTH_SENSORS_H_
