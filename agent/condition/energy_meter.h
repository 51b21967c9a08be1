#ifndef FLOTILLA_AGENT_CONDITION_ENERGY_METER_H_
#define FLOTILLA_AGENT_CONDITION_ENERGY_METER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/time.h"

namespace flotilla::agent {

// Energy that the machine has spent since the first reading, out of the best sensors that are there
// when the meter is made:
// 1. a board's own power monitor: class/hwmon/hwmon*/ whose `name` begins with "ina": energy*_input
//    (microjoules), else power*_input (microwatts, taken for steady between two readings);
// 2. the processor's packages: class/powercap/intel-rapl:N/energy_uj (microjoules), which goes
//    round at max_energy_range_uj. Linux lets root alone read it.
// Sources: Linux Documentation/hwmon/sysfs-interface.rst and power/powercap/powercap.rst.
// What no small machine can spend (10 kW) is a broken counter and counts for nothing. Not
// thread-safe.
class EnergyMeter {
 public:
  // `sysfs` is /sys but in tests. `clock` must outlive it.
  EnergyMeter(const std::filesystem::path& sysfs, const Clock& clock);

  // Joules. nullopt: there is no sensor, or none was ever readable.
  std::optional<double> Total();

 private:
  struct Counter {
    std::filesystem::path file;
    std::optional<std::uint64_t> range;  // it goes round after that
    std::optional<std::uint64_t> last;
    Duration read_at;
  };
  struct Power {
    std::filesystem::path file;
    std::optional<double> watts;  // as last read
    Duration read_at;
  };

  void FindBoardMonitors(const std::filesystem::path& sysfs);
  void FindPackages(const std::filesystem::path& sysfs);
  void Read(Counter& counter, Duration now);
  void Read(Power& power, Duration now);
  void Spend(double joules, Duration since);

  const Clock& clock_;
  std::vector<Counter> counters_;
  std::vector<Power> powers_;
  std::optional<double> joules_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_ENERGY_METER_H_
