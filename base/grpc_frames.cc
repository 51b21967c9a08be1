#include "base/grpc_frames.h"

#include <cstdint>

namespace flotilla {
namespace {

constexpr std::size_t kPrefixBytes = 5;

std::size_t LengthIn(std::string_view prefix) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < kPrefixBytes; ++i) {
    length = length << 8U | static_cast<std::uint8_t>(prefix[i]);
  }
  return length;
}

}  // namespace

std::string GrpcFramePrefix(std::size_t bytes) {
  std::string prefix(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    prefix += static_cast<char>(bytes >> static_cast<unsigned>(shift) & 0xffU);
  }
  return prefix;
}

std::string GrpcFrame(std::string_view message) {
  return GrpcFramePrefix(message.size()).append(message);
}

Status GrpcFrameReader::Feed(ByteView bytes, std::vector<std::string>& messages) {
  held_ += AsText(bytes);
  std::size_t start = 0;
  while (held_.size() - start >= kPrefixBytes) {
    const std::string_view rest = std::string_view(held_).substr(start);
    if (rest.front() != '\0') {
      return Unimplemented("a compressed message");
    }
    const std::size_t length = LengthIn(rest);
    if (length > max_) {
      return ResourceExhausted("a message of " + std::to_string(length) + " bytes");
    }
    if (rest.size() - kPrefixBytes < length) {
      break;
    }
    messages.emplace_back(rest.substr(kPrefixBytes, length));
    start += kPrefixBytes + length;
  }
  held_.erase(0, start);
  if (held_.empty()) {
    held_.shrink_to_fit();
  }
  return OkStatus();
}

}  // namespace flotilla
