#ifndef FLOTILLA_OTA_DISK_SPACE_H_
#define FLOTILLA_OTA_DISK_SPACE_H_

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/status.h"

namespace flotilla::ota {

struct DiskSpace {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t free_bytes = 0;
};

// Space of the file system that holds the path.
using DiskProbe = std::function<StatusOr<DiskSpace>(const std::filesystem::path&)>;
StatusOr<DiskSpace> ProbeDisk(const std::filesystem::path& path);

// Free space that an update must leave, the larger of the two (delta.md), and what releases and
// downloads together may take; 0: no limit but the disk.
struct SpaceReserve {
  std::uint32_t percent = 5;
  std::uint64_t bytes = std::uint64_t{256} << 20;
  std::uint64_t budget_bytes = 0;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_DISK_SPACE_H_
