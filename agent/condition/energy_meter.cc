#include "agent/condition/energy_meter.h"

#include <algorithm>
#include <string>

#include "agent/condition/sysfs.h"

namespace flotilla::agent {
namespace {

constexpr double kMicro = 1e-6;
constexpr double kMostWatts = 10'000;
// Two readings may lie as close as the counter's own steps.
constexpr Duration kLeastStretch = absl::Seconds(1);

}  // namespace

EnergyMeter::EnergyMeter(const std::filesystem::path& sysfs, const Clock& clock) : clock_(clock) {
  FindBoardMonitors(sysfs);
  if (counters_.empty() && powers_.empty()) {
    FindPackages(sysfs);
  }
}

void EnergyMeter::FindBoardMonitors(const std::filesystem::path& sysfs) {
  for (const auto& monitor : SysfsNumbered(sysfs / "class" / "hwmon", "hwmon")) {
    if (!ReadSysfs(monitor / "name").value_or("").starts_with("ina")) {
      continue;
    }
    const auto energies = SysfsNumbered(monitor, "energy", "_input");
    for (const auto& file : energies) {
      counters_.push_back({file, std::nullopt, std::nullopt, {}});
    }
    if (energies.empty()) {
      for (const auto& file : SysfsNumbered(monitor, "power", "_input")) {
        powers_.push_back({file, std::nullopt, {}});
      }
    }
  }
}

void EnergyMeter::FindPackages(const std::filesystem::path& sysfs) {
  // "intel-rapl:0:1" is a part of "intel-rapl:0"; "psys" holds the packages too.
  for (const auto& zone : SysfsNumbered(sysfs / "class" / "powercap", "intel-rapl:")) {
    if (ReadSysfs(zone / "name").value_or("").starts_with("package")) {
      counters_.push_back(
          {zone / "energy_uj", ReadSysfsUnsigned(zone / "max_energy_range_uj"), std::nullopt, {}});
    }
  }
}

std::optional<double> EnergyMeter::Total() {
  const Duration now = clock_.Monotonic();
  for (Counter& counter : counters_) {
    Read(counter, now);
  }
  for (Power& power : powers_) {
    Read(power, now);
  }
  return joules_;
}

void EnergyMeter::Read(Counter& counter, Duration now) {
  const std::optional<std::uint64_t> value = ReadSysfsUnsigned(counter.file);
  if (!value.has_value()) {
    return;
  }
  joules_ = joules_.value_or(0);
  if (counter.last.has_value()) {
    std::uint64_t micros = 0;
    if (*value >= *counter.last) {
      micros = *value - *counter.last;
    } else if (counter.range.has_value() && *counter.range >= *counter.last) {
      micros = *counter.range - *counter.last + *value;
    }
    Spend(static_cast<double>(micros) * kMicro, now - counter.read_at);
  }
  counter.last = value;
  counter.read_at = now;
}

void EnergyMeter::Read(Power& power, Duration now) {
  const std::optional<std::uint64_t> value = ReadSysfsUnsigned(power.file);
  if (!value.has_value()) {
    power.watts.reset();
    return;
  }
  joules_ = joules_.value_or(0);
  const double watts = static_cast<double>(*value) * kMicro;
  if (power.watts.has_value()) {
    const double mean = (watts + *power.watts) / 2;
    Spend(mean * absl::ToDoubleSeconds(now - power.read_at), now - power.read_at);
  }
  power.watts = watts;
  power.read_at = now;
}

void EnergyMeter::Spend(double joules, Duration since) {
  const double most = kMostWatts * absl::ToDoubleSeconds(std::max(since, kLeastStretch));
  if (joules <= most) {
    *joules_ += joules;
  }
}

}  // namespace flotilla::agent
