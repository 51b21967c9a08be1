// A sealed report that waits for its moment, as it lies on the disk.
//
//   "flotilla-report" (15 bytes), version (1), charge id (16), moment and end of uploads in
//   milliseconds since 1970 (8 each), window's start in seconds (8), window's length in seconds
//   (8), metric (4), report (2 + n), CRC-32 of all before it (4); numbers big-endian
#ifndef FLOTILLA_AGENT_HEALTH_SPOOL_ENTRY_H_
#define FLOTILLA_AGENT_HEALTH_SPOOL_ENTRY_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/dp/charge.h"

namespace flotilla::agent {

// UploadRequest.report is not longer.
inline constexpr std::size_t kMaxUploadBytes = 2048;

struct SpoolEntry {
  dp::ChargeId id{};  // of its task and window
  Time send_at;       // whole milliseconds, as the next
  Time uploads_end;   // nobody takes it from here on
  Time window_start;  // whole seconds, as the next
  Duration window;
  std::uint32_t metric = 0;
  // UploadRequest.report: task id and sealed report. Says nothing about the device.
  Bytes upload;
};

// `upload` has 1 to kMaxUploadBytes.
Bytes EncodeSpoolEntry(const SpoolEntry& entry);
// DATA_LOSS: anything that EncodeSpoolEntry does not write.
StatusOr<SpoolEntry> DecodeSpoolEntry(ByteView bytes);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_SPOOL_ENTRY_H_
