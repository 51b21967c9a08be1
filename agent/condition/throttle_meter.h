#ifndef FLOTILLA_AGENT_CONDITION_THROTTLE_METER_H_
#define FLOTILLA_AGENT_CONDITION_THROTTLE_METER_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/time.h"

namespace flotilla::agent {

// How long the processor was slowed down since the first reading, out of what is there when the
// meter is made:
// 1. devices/system/cpu/cpu*/thermal_throttle/{core,package}_throttle_total_time_ms, of which the
//    one that rose most counts for a stretch (Linux Documentation/ABI/testing, thermal_throttle);
// 2. a Raspberry Pi's get_throttled, in which bits 1 to 3 say that the frequency is capped, the
//    processor throttled, or the soft temperature limit active now: then the stretch since the
//    reading before counts (raspberrypi.com, documentation of vcgencmd).
// Never more than the time that passed. Not thread-safe.
class ThrottleMeter {
 public:
  // `sysfs` is /sys but in tests. `clock` must outlive it.
  ThrottleMeter(const std::filesystem::path& sysfs, const Clock& clock);

  // nullopt: there is no such sensor, or none was ever readable.
  std::optional<Duration> Total();

 private:
  struct Counter {
    std::filesystem::path file;
    std::optional<std::uint64_t> millis;  // as last read
  };

  void FindCounters(const std::filesystem::path& sysfs);
  void FindFirmware(const std::filesystem::path& sysfs);
  // The most that one of the counters rose; nullopt: none can be read.
  std::optional<Duration> CountersRise();
  std::optional<Duration> FirmwareRise(Duration passed) const;

  const Clock& clock_;
  std::vector<Counter> counters_;
  std::filesystem::path firmware_;  // empty: none
  std::optional<Duration> read_at_;
  std::optional<Duration> total_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_THROTTLE_METER_H_
