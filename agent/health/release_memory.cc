#include "agent/health/release_memory.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "agent/health/line_file.h"
#include "telemetry/dap/tls.h"

namespace flotilla::agent {
namespace {

using dap::TlsReader;
using dap::TlsWriter;
using schema::ReleaseHealth;

constexpr std::uint8_t kNoBucket = 255;

std::array<std::optional<std::uint32_t> ReleaseHealth::*, 5> Buckets() {
  return {&ReleaseHealth::ttft_p50, &ReleaseHealth::ttft_p95, &ReleaseHealth::request_p50,
          &ReleaseHealth::request_p95, &ReleaseHealth::decode_tps_p50};
}

void WriteHealth(const std::optional<ReleaseHealth>& health, TlsWriter& out) {
  out.U8(health.has_value() ? 1 : 0);
  if (!health.has_value()) {
    return;
  }
  out.U64(health->requests);
  out.U64(health->crashes);
  out.U64(health->outcomes);
  out.U64(health->solved);
  for (const auto member : Buckets()) {
    const std::optional<std::uint32_t>& bucket = (*health).*member;
    out.U8(bucket.has_value() ? static_cast<std::uint8_t>(*bucket) : kNoBucket);
  }
}

std::optional<ReleaseHealth> ReadHealth(TlsReader& in) {
  const std::uint8_t present = in.U8();
  if (present > 1) {
    in.Fail();
  }
  if (present != 1) {
    return std::nullopt;
  }
  ReleaseHealth health;
  health.requests = in.U64();
  health.crashes = in.U64();
  health.outcomes = in.U64();
  health.solved = in.U64();
  for (const auto member : Buckets()) {
    const std::uint8_t bucket = in.U8();
    if (bucket != kNoBucket) {
      health.*member = bucket;
    }
  }
  return health;
}

LineMemory ReadLine(TlsReader& in) {
  LineMemory line;
  line.release = Digest(in.Array<Digest::kSize>());
  line.gave_up = Digest(in.Array<Digest::kSize>());
  const std::size_t windows = in.U8();
  if (windows > kMaxWindowLengths) {
    in.Fail();
  }
  while (line.windows.size() < windows && !in.failed()) {
    WindowMemory window;
    window.length = absl::Seconds(in.U32());
    window.before = ReadHealth(in);
    window.last = ReadHealth(in);
    line.windows.push_back(window);
  }
  return line;
}

void WriteLine(const LineMemory& line, TlsWriter& out) {
  out.Raw(line.release.bytes());
  out.Raw(line.gave_up.bytes());
  out.U8(static_cast<std::uint8_t>(line.windows.size()));
  for (const WindowMemory& window : line.windows) {
    out.U32(static_cast<std::uint32_t>(absl::ToInt64Seconds(window.length)));
    WriteHealth(window.before, out);
    WriteHealth(window.last, out);
  }
}

constexpr LineFile kFile = {.magic = "flotilla-releases",
                            .version = 1,
                            .max_lines = kMaxHealthLines,
                            .what = "the memory of releases",
                            .unreadable = "health.memory_unreadable"};

}  // namespace

Bytes EncodeReleaseMemory(const ReleaseMemory& memory) {
  return EncodeLines<LineMemory>(kFile, memory, WriteLine);
}

StatusOr<ReleaseMemory> DecodeReleaseMemory(ByteView bytes) {
  return DecodeLines<LineMemory>(kFile, bytes, ReadLine);
}

ReleaseMemory LoadReleaseMemory(const std::filesystem::path& file) {
  return LoadLines<LineMemory>(kFile, file, ReadLine);
}

}  // namespace flotilla::agent
