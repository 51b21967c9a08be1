// What a device remembers of the releases it ran, so that it can judge the next one after a restart
// too. It stays on the device.
//
//   file:   "flotilla-releases" (17 bytes), version (1), lines (2), then each line; CRC-32 (4) of
//           all before it; numbers big-endian
//   line:   name (1 + n), release (32), given-up release (32), windows (1), then each window
//   window: length in seconds (4), then twice, for the release before and for this one: 0, or 1 and
//           a health
//   health: requests, crashes, outcomes, solved (8 each), five buckets (1 each, 255: none)
#ifndef FLOTILLA_AGENT_HEALTH_RELEASE_MEMORY_H_
#define FLOTILLA_AGENT_HEALTH_RELEASE_MEMORY_H_

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/schema/release_health.h"

namespace flotilla::agent {

inline constexpr std::size_t kMaxHealthLines = 32;
inline constexpr std::size_t kMaxWindowLengths = 16;

struct WindowMemory {
  Duration length;  // whole seconds
  // The release that ran before this one, in a window of the same length.
  std::optional<schema::ReleaseHealth> before{};
  // This release in its last window that ran to its end.
  std::optional<schema::ReleaseHealth> last{};
};

struct LineMemory {
  Digest release;  // zero: none yet
  Digest gave_up;  // the release given up last; zero: none
  std::vector<WindowMemory> windows;
};

using ReleaseMemory = std::map<std::string, LineMemory, std::less<>>;

// At most kMaxHealthLines and kMaxWindowLengths; names of 1 to 255 bytes.
Bytes EncodeReleaseMemory(const ReleaseMemory& memory);
// DATA_LOSS: anything that EncodeReleaseMemory does not write.
StatusOr<ReleaseMemory> DecodeReleaseMemory(ByteView bytes);

// Empty when there is no file, or it is damaged, which is logged: the verdict is "no-data" then.
ReleaseMemory LoadReleaseMemory(const std::filesystem::path& file);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_RELEASE_MEMORY_H_
