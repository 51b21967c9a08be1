#include "agent/health/spool_entry.h"

#include <string_view>
#include <utility>

#include "base/crc32.h"
#include "telemetry/dap/tls.h"

namespace flotilla::agent {
namespace {

constexpr std::string_view kMagic = "flotilla-report";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kCrcBytes = 4;
// Milliseconds until the year 9999; a larger number is no time that was ever written.
constexpr std::uint64_t kLastMillis = 253'402'300'799'999;

std::uint64_t MillisOf(Time time) {
  return static_cast<std::uint64_t>(UnixMillis(time));
}

Time ReadMillis(dap::TlsReader& in) {
  const std::uint64_t millis = in.U64();
  if (millis > kLastMillis) {
    in.Fail();
    return absl::UnixEpoch();
  }
  return FromUnixMillis(static_cast<std::int64_t>(millis));
}

std::int64_t ReadSeconds(dap::TlsReader& in) {
  const std::uint64_t seconds = in.U64();
  if (seconds > kLastMillis / 1000) {
    in.Fail();
    return 0;
  }
  return static_cast<std::int64_t>(seconds);
}

}  // namespace

Bytes EncodeSpoolEntry(const SpoolEntry& entry) {
  dap::TlsWriter out;
  out.Raw(AsBytes(kMagic));
  out.U8(kVersion);
  out.Raw(entry.id);
  out.U64(MillisOf(entry.send_at));
  out.U64(MillisOf(entry.uploads_end));
  out.U64(static_cast<std::uint64_t>(absl::ToUnixSeconds(entry.window_start)));
  out.U64(static_cast<std::uint64_t>(absl::ToInt64Seconds(entry.window)));
  out.U32(entry.metric);
  out.Opaque16(entry.upload);
  Bytes bytes = std::move(out).Take();
  dap::TlsWriter crc;
  crc.U32(Crc32(bytes));
  const Bytes tail = std::move(crc).Take();
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

StatusOr<SpoolEntry> DecodeSpoolEntry(ByteView bytes) {
  if (bytes.size() < kCrcBytes) {
    return DataLoss("a spooled report is cut off");
  }
  const ByteView content = bytes.first(bytes.size() - kCrcBytes);
  dap::TlsReader tail(bytes.last(kCrcBytes));
  if (tail.U32() != Crc32(content)) {
    return DataLoss("a spooled report is damaged");
  }
  dap::TlsReader in(content);
  if (AsText(in.Raw(kMagic.size())) != kMagic || in.U8() != kVersion) {
    in.Fail();
  }
  SpoolEntry entry;
  entry.id = in.Array<16>();
  entry.send_at = ReadMillis(in);
  entry.uploads_end = ReadMillis(in);
  entry.window_start = absl::FromUnixSeconds(ReadSeconds(in));
  entry.window = absl::Seconds(ReadSeconds(in));
  entry.metric = in.U32();
  entry.upload = dap::Copy(in.Opaque16(1));
  if (entry.upload.size() > kMaxUploadBytes) {
    in.Fail();
  }
  if (const Status status = in.Finish("a spooled report"); !status.ok()) {
    return DataLoss(MessageOf(status));
  }
  return entry;
}

}  // namespace flotilla::agent
