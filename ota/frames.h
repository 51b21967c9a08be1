// Framed records, the form of every append-only file of ota/: length of the payload (4 bytes,
// little-endian, 1 to kMaxFrameBytes), CRC-32 (IEEE 802.3) over those 4 bytes and the payload (4
// bytes, little-endian), payload.
#ifndef FLOTILLA_OTA_FRAMES_H_
#define FLOTILLA_OTA_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace flotilla::ota {

inline constexpr std::size_t kMaxFrameBytes = std::size_t{64} * 1024;

Bytes MakeFrame(ByteView payload);

struct Frames {
  std::vector<ByteView> payloads;  // point into the bytes that were read
  std::size_t good_bytes = 0;      // where the last good frame ends; the rest is torn
};

// All frames up to the first that is cut short or whose CRC is wrong. Pure; never fails.
Frames ReadFrames(ByteView bytes);

void PutLe32(Bytes& out, std::uint32_t value);
void PutLe64(Bytes& out, std::uint64_t value);
// `bytes` holds at least 4 (8).
std::uint32_t GetLe32(ByteView bytes);
std::uint64_t GetLe64(ByteView bytes);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FRAMES_H_
