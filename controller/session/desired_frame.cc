#include "controller/session/desired_frame.h"

#include <cstddef>

namespace flotilla::controller {
namespace {

constexpr unsigned kVarintType = 0;
constexpr unsigned kBytesType = 2;
constexpr unsigned kTypeBits = 3;
constexpr std::uint64_t kGroup = 0x7F;
constexpr std::uint64_t kMore = 0x80;

void AppendVarint(std::uint64_t value, std::string& out) {
  for (; value > kGroup; value >>= 7U) {
    out.push_back(static_cast<char>(static_cast<unsigned char>((value & kGroup) | kMore)));
  }
  out.push_back(static_cast<char>(static_cast<unsigned char>(value)));
}

void AppendTag(int field, unsigned type, std::string& out) {
  AppendVarint(static_cast<std::uint64_t>(field) << kTypeBits | type, out);
}

}  // namespace

DesiredFrame FrameOf(const v1::DesiredState& desired) {
  v1::DesiredState shared = desired;
  shared.clear_generation();
  return {desired.generation(), std::make_shared<const std::string>(shared.SerializeAsString())};
}

v1::DesiredState DesiredOf(const DesiredFrame& frame) {
  v1::DesiredState desired;
  (void)desired.ParseFromString(*frame.assignments);
  desired.set_generation(frame.generation);
  return desired;
}

std::string FrameHeader(const DesiredFrame& frame) {
  std::string own;
  if (frame.generation != 0) {
    AppendTag(v1::DesiredState::kGenerationFieldNumber, kVarintType, own);
    AppendVarint(frame.generation, own);
  }
  std::string header;
  AppendTag(v1::SessionResponse::kDesiredStateFieldNumber, kBytesType, header);
  AppendVarint(own.size() + frame.assignments->size(), header);
  return header + own;
}

}  // namespace flotilla::controller
