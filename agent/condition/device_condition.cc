#include "agent/condition/device_condition.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace flotilla::agent {
namespace {

constexpr std::size_t kMaxFeatures = 8;
constexpr std::uint64_t kLowPercent = 15;
constexpr std::uint64_t kCriticalPercent = 5;
constexpr std::int64_t kHour = 3600;

v1::DiskBand BandOf(const DiskState& disk) {
  if (disk.capacity_bytes == 0) {
    return v1::DISK_BAND_UNSPECIFIED;
  }
  const std::uint64_t percent = disk.free_bytes / (disk.capacity_bytes / 100 + 1);
  if (percent < kCriticalPercent) {
    return v1::DISK_BAND_CRITICAL;
  }
  return percent < kLowPercent ? v1::DISK_BAND_LOW : v1::DISK_BAND_AMPLE;
}

}  // namespace

v1::DeviceFacts MakeFacts(const config::v1::AgentConfig& config, const SystemProbe& probe) {
  v1::DeviceFacts facts;
  facts.set_arch(probe.Arch());
  facts.set_hardware(config.hardware());
  facts.set_cores(probe.Cores());
  const std::uint64_t memory = probe.MemoryBytes();
  const std::uint64_t budget = config.memory_budget_bytes();
  facts.set_memory_bytes(budget == 0 ? memory : std::min(budget, memory));
  facts.set_disk_free_bytes(probe.Disk().free_bytes);
  for (const std::string& feature : probe.CpuFeatures()) {
    if (static_cast<std::size_t>(facts.cpu_features_size()) < kMaxFeatures) {
      facts.add_cpu_features(feature);
    }
  }
  *facts.mutable_labels() = config.labels();
  return facts;
}

v1::Condition MakeCondition(const v1::Condition& engines, const DiskState& disk,
                            Time certificate_end) {
  v1::Condition condition = engines;
  condition.set_disk(BandOf(disk));
  condition.set_read_only(disk.read_only);
  condition.mutable_certificate_expires_at()->set_seconds(absl::ToUnixSeconds(certificate_end) /
                                                          kHour * kHour);
  return condition;
}

}  // namespace flotilla::agent
