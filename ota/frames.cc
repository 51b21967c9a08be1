#include "ota/frames.h"

#include <cstddef>
#include <cstdint>

#include "base/crc32.h"

namespace flotilla::ota {
namespace {

constexpr std::size_t kFrameHeaderBytes = 8;

std::uint32_t FrameCrc(ByteView length_bytes, ByteView payload) {
  return Crc32(payload, Crc32(length_bytes));
}

}  // namespace

Bytes MakeFrame(ByteView payload) {
  Bytes frame;
  frame.reserve(kFrameHeaderBytes + payload.size());
  PutLe32(frame, static_cast<std::uint32_t>(payload.size()));
  PutLe32(frame, FrameCrc(ByteView(frame).first(4), payload));
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

Frames ReadFrames(ByteView bytes) {
  Frames frames;
  while (bytes.size() - frames.good_bytes >= kFrameHeaderBytes) {
    const ByteView rest = bytes.subspan(frames.good_bytes);
    const std::size_t length = GetLe32(rest);
    if (length == 0 || length > kMaxFrameBytes || length > rest.size() - kFrameHeaderBytes) {
      break;
    }
    const ByteView payload = rest.subspan(kFrameHeaderBytes, length);
    if (GetLe32(rest.subspan(4)) != FrameCrc(rest.first(4), payload)) {
      break;
    }
    frames.payloads.push_back(payload);
    frames.good_bytes += kFrameHeaderBytes + length;
  }
  return frames;
}

void PutLe32(Bytes& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void PutLe64(Bytes& out, std::uint64_t value) {
  PutLe32(out, static_cast<std::uint32_t>(value));
  PutLe32(out, static_cast<std::uint32_t>(value >> 32U));
}

std::uint32_t GetLe32(ByteView bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(bytes[i]) << (8U * i);
  }
  return value;
}

std::uint64_t GetLe64(ByteView bytes) {
  return GetLe32(bytes) | static_cast<std::uint64_t>(GetLe32(bytes.subspan(4))) << 32U;
}

}  // namespace flotilla::ota
