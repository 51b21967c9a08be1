#include "agent/health/release_memory.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/crc32.h"
#include "base/file.h"
#include "base/log.h"
#include "telemetry/dap/tls.h"

namespace flotilla::agent {
namespace {

using dap::TlsReader;
using dap::TlsWriter;
using schema::ReleaseHealth;

constexpr std::string_view kMagic = "flotilla-releases";
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kNoBucket = 255;
constexpr std::size_t kCrcBytes = 4;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 20U;

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

StatusOr<ReleaseMemory> ReadAll(TlsReader& in) {
  ReleaseMemory memory;
  const ByteView magic = in.Raw(kMagic.size());
  if (AsText(magic) != kMagic || in.U8() != kVersion) {
    in.Fail();
  }
  const std::size_t lines = in.U16();
  if (lines > kMaxHealthLines) {
    in.Fail();
  }
  for (std::size_t i = 0; i < lines && !in.failed(); ++i) {
    const std::string name = ToText(in.Opaque8(1));
    // Ascending, so that there is one encoding.
    if (!memory.empty() && memory.rbegin()->first >= name) {
      in.Fail();
    }
    memory[name] = ReadLine(in);
  }
  if (const Status status = in.Finish("the memory of releases"); !status.ok()) {
    return DataLoss(MessageOf(status));
  }
  return memory;
}

}  // namespace

Bytes EncodeReleaseMemory(const ReleaseMemory& memory) {
  TlsWriter out;
  out.Raw(AsBytes(kMagic));
  out.U8(kVersion);
  out.U16(static_cast<std::uint16_t>(memory.size()));
  for (const auto& [name, line] : memory) {
    out.Opaque8(AsBytes(name));
    out.Raw(line.release.bytes());
    out.Raw(line.gave_up.bytes());
    out.U8(static_cast<std::uint8_t>(line.windows.size()));
    for (const WindowMemory& window : line.windows) {
      out.U32(static_cast<std::uint32_t>(absl::ToInt64Seconds(window.length)));
      WriteHealth(window.before, out);
      WriteHealth(window.last, out);
    }
  }
  Bytes bytes = std::move(out).Take();
  TlsWriter crc;
  crc.U32(Crc32(bytes));
  const Bytes tail = std::move(crc).Take();
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

StatusOr<ReleaseMemory> DecodeReleaseMemory(ByteView bytes) {
  if (bytes.size() < kCrcBytes) {
    return DataLoss("the memory of releases is cut off");
  }
  const ByteView content = bytes.first(bytes.size() - kCrcBytes);
  TlsReader tail(bytes.last(kCrcBytes));
  if (tail.U32() != Crc32(content)) {
    return DataLoss("the memory of releases is damaged");
  }
  TlsReader in(content);
  return ReadAll(in);
}

ReleaseMemory LoadReleaseMemory(const std::filesystem::path& file) {
  const StatusOr<Bytes> bytes = ReadFile(file, kMaxFileBytes);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return {};
  }
  StatusOr<ReleaseMemory> memory =
      bytes.ok() ? DecodeReleaseMemory(*bytes) : StatusOr<ReleaseMemory>(bytes.status());
  if (!memory.ok()) {
    LogStatus(LogLevel::kWarning, "health.memory_unreadable", memory.status());
    return {};
  }
  return *std::move(memory);
}

}  // namespace flotilla::agent
