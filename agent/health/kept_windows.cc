#include "agent/health/kept_windows.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "agent/health/line_file.h"
#include "agent/health/release_memory.h"
#include "telemetry/dap/tls.h"

namespace flotilla::agent {
namespace {

using dap::TlsReader;
using dap::TlsWriter;
using schema::WindowState;

void WriteCounts(const schema::PercentileSketch::Counts& counts, TlsWriter& out) {
  for (const std::uint64_t count : counts) {
    out.U64(count);
  }
}

void ReadCounts(TlsReader& in, schema::PercentileSketch::Counts& counts) {
  for (std::uint64_t& count : counts) {
    count = in.U64();
  }
}

void WriteValue(const std::optional<double>& value, TlsWriter& out) {
  out.U8(value.has_value() ? 1 : 0);
  out.U64(value.has_value() ? std::bit_cast<std::uint64_t>(*value) : 0);
}

std::optional<double> ReadValue(TlsReader& in) {
  const std::uint8_t present = in.U8();
  const std::uint64_t bits = in.U64();
  if (present > 1 || (present == 0 && bits != 0)) {
    in.Fail();
  }
  return present == 1 ? std::optional(std::bit_cast<double>(bits)) : std::nullopt;
}

Duration ReadSeconds(TlsReader& in) {
  const std::uint64_t seconds = in.U64();
  if (seconds > std::uint64_t{1} << 32U) {
    in.Fail();
    return {};
  }
  return absl::Seconds(static_cast<std::int64_t>(seconds));
}

void WriteState(const WindowState& state, TlsWriter& out) {
  WriteCounts(state.ttft, out);
  WriteCounts(state.whole, out);
  WriteCounts(state.decode_tps, out);
  out.U64(state.requests);
  out.U64(state.tokens);
  WriteValue(state.memory_percent, out);
  WriteValue(state.celsius, out);
  WriteValue(state.joules, out);
  out.U64(static_cast<std::uint64_t>(absl::ToInt64Seconds(state.busy)));
  out.U64(static_cast<std::uint64_t>(absl::ToInt64Seconds(state.throttled)));
  out.U8(static_cast<std::uint8_t>(state.worst_crash));
  out.U64(state.crashes);
  out.U64(state.oom_kills);
  out.U64(state.outcomes);
  out.U64(state.solved);
}

WindowState ReadState(TlsReader& in) {
  WindowState state;
  ReadCounts(in, state.ttft);
  ReadCounts(in, state.whole);
  ReadCounts(in, state.decode_tps);
  state.requests = in.U64();
  state.tokens = in.U64();
  state.memory_percent = ReadValue(in);
  state.celsius = ReadValue(in);
  state.joules = ReadValue(in);
  state.busy = ReadSeconds(in);
  state.throttled = ReadSeconds(in);
  state.worst_crash = static_cast<schema::CrashClass>(in.U8());
  state.crashes = in.U64();
  state.oom_kills = in.U64();
  state.outcomes = in.U64();
  state.solved = in.U64();
  return state;
}

LineWindows ReadLine(TlsReader& in) {
  constexpr std::uint64_t kLatest = 253'402'300'800;  // the year 10000
  LineWindows line;
  line.release = Digest(in.Array<Digest::kSize>());
  const std::size_t windows = in.U8();
  if (windows > kMaxWindowLengths) {
    in.Fail();
  }
  while (line.windows.size() < windows && !in.failed()) {
    KeptWindow kept;
    kept.length = absl::Seconds(in.U32());
    const std::uint64_t start = in.U64();
    kept.start = absl::FromUnixSeconds(static_cast<std::int64_t>(start));
    StatusOr<schema::Window> window = schema::Window::FromState(ReadState(in));
    if (start >= kLatest || !window.ok()) {
      in.Fail();
      break;
    }
    kept.window = *window;
    line.windows.push_back(kept);
  }
  return line;
}

void WriteLine(const LineWindows& line, TlsWriter& out) {
  out.Raw(line.release.bytes());
  out.U8(static_cast<std::uint8_t>(line.windows.size()));
  for (const KeptWindow& kept : line.windows) {
    out.U32(static_cast<std::uint32_t>(absl::ToInt64Seconds(kept.length)));
    out.U64(static_cast<std::uint64_t>(absl::ToUnixSeconds(kept.start)));
    WriteState(kept.window.State(), out);
  }
}

constexpr LineFile kFile = {.magic = "flotilla-windows",
                            .version = 1,
                            .max_lines = kMaxHealthLines,
                            .what = "the kept windows",
                            .unreadable = "health.windows_unreadable"};

}  // namespace

Bytes EncodeKeptWindows(const KeptWindows& windows) {
  return EncodeLines<LineWindows>(kFile, windows, WriteLine);
}

StatusOr<KeptWindows> DecodeKeptWindows(ByteView bytes) {
  return DecodeLines<LineWindows>(kFile, bytes, ReadLine);
}

KeptWindows LoadKeptWindows(const std::filesystem::path& file) {
  return LoadLines<LineWindows>(kFile, file, ReadLine);
}

}  // namespace flotilla::agent
