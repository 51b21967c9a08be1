#include "agent/condition/throttle_meter.h"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include "agent/condition/sysfs.h"

namespace flotilla::agent {
namespace {

// Capped, throttled, soft temperature limit: now.
constexpr std::uint64_t kSlowedBits = 0b1110;
constexpr std::array<const char*, 2> kCounterNames = {"core_throttle_total_time_ms",
                                                      "package_throttle_total_time_ms"};
constexpr std::uint64_t kMostMillis = std::uint64_t{366} * 24 * 3600 * 1000;

// Folders below `folder` whose name contains `part`.
std::vector<std::filesystem::path> FoldersWith(const std::filesystem::path& folder,
                                               const std::string& part) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().find(part) != std::string::npos &&
        found.size() < kMaxSysfsEntries) {
      found.push_back(entry->path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

ThrottleMeter::ThrottleMeter(const std::filesystem::path& sysfs, const Clock& clock)
    : clock_(clock) {
  FindCounters(sysfs);
  if (counters_.empty()) {
    FindFirmware(sysfs);
  }
}

void ThrottleMeter::FindCounters(const std::filesystem::path& sysfs) {
  for (const auto& cpu : SysfsNumbered(sysfs / "devices" / "system" / "cpu", "cpu")) {
    for (const char* const name : kCounterNames) {
      std::error_code error;
      const std::filesystem::path file = cpu / "thermal_throttle" / name;
      if (std::filesystem::exists(file, error)) {
        counters_.push_back({file, std::nullopt});
      }
    }
  }
}

// "devices/platform/soc/soc:firmware/get_throttled"; newer boards put an address behind "soc".
void ThrottleMeter::FindFirmware(const std::filesystem::path& sysfs) {
  for (const auto& soc : FoldersWith(sysfs / "devices" / "platform", "soc")) {
    for (const auto& firmware : FoldersWith(soc, "firmware")) {
      std::error_code error;
      if (std::filesystem::exists(firmware / "get_throttled", error)) {
        firmware_ = firmware / "get_throttled";
        return;
      }
    }
  }
}

std::optional<Duration> ThrottleMeter::Total() {
  const Duration now = clock_.Monotonic();
  const Duration passed = now - read_at_.value_or(now);
  const std::optional<Duration> rise = firmware_.empty() ? CountersRise() : FirmwareRise(passed);
  if (rise.has_value()) {
    total_ = total_.value_or(absl::ZeroDuration()) + std::min(*rise, passed);
    read_at_ = now;
  }
  return total_;
}

std::optional<Duration> ThrottleMeter::CountersRise() {
  std::optional<Duration> most;
  for (Counter& counter : counters_) {
    const std::optional<std::uint64_t> millis = ReadSysfsUnsigned(counter.file);
    if (!millis.has_value()) {
      continue;
    }
    const std::uint64_t before = counter.millis.value_or(*millis);
    const std::uint64_t rise = *millis > before ? std::min(*millis - before, kMostMillis) : 0;
    counter.millis = millis;
    most = std::max(most.value_or(absl::ZeroDuration()),
                    absl::Milliseconds(static_cast<std::int64_t>(rise)));
  }
  return most;
}

std::optional<Duration> ThrottleMeter::FirmwareRise(Duration passed) const {
  const std::optional<std::uint64_t> bits = ReadSysfsHex(firmware_);
  if (!bits.has_value()) {
    return std::nullopt;
  }
  return (*bits & kSlowedBits) != 0 ? passed : absl::ZeroDuration();
}

}  // namespace flotilla::agent
