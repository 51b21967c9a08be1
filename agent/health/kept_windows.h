// The windows that run, so that a restart does not lose what they have counted. It stays on the
// device.
//
//   file:   "flotilla-windows" (16 bytes), version (1), lines (2), then each line; CRC-32 (4) of
//   all
//           before it; numbers big-endian
//   line:   name (1 + n), release (32), windows (1), then each window
//   window: length and start in seconds (4 + 8); three sketches of 32 counts (8 each); requests,
//           tokens (8 each); memory, temperature, energy: 0 and eight zeros, or 1 and a double (8
//           each); busy, throttled in seconds (8 each); worst crash (1); crashes, kills for
//           want of memory, outcomes, solved (8 each)
//
// A window is of one size whatever happened in it.
#ifndef FLOTILLA_AGENT_HEALTH_KEPT_WINDOWS_H_
#define FLOTILLA_AGENT_HEALTH_KEPT_WINDOWS_H_

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/schema/window.h"

namespace flotilla::agent {

// Shorter ones are not worth a write.
constexpr Duration kLeastKeptWindow = absl::Hours(1);

struct KeptWindow {
  Duration length;  // whole seconds
  Time start;
  schema::Window window;
};

struct LineWindows {
  Digest release{};  // that they measure
  std::vector<KeptWindow> windows{};
};

using KeptWindows = std::map<std::string, LineWindows, std::less<>>;

// At most kMaxHealthLines and kMaxWindowLengths; names of 1 to 255 bytes.
Bytes EncodeKeptWindows(const KeptWindows& windows);
// DATA_LOSS: anything that EncodeKeptWindows does not write.
StatusOr<KeptWindows> DecodeKeptWindows(ByteView bytes);

// Empty when there is no file, or it is damaged, which is logged: windows begin anew then.
KeptWindows LoadKeptWindows(const std::filesystem::path& file);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_KEPT_WINDOWS_H_
