#include "telemetry/dp/ledger_record.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/crc32.h"

namespace flotilla::dp {
namespace {

constexpr std::string_view kMagic = "flotilla-ledger1";
static_assert(kMagic.size() == kLedgerHeaderBytes);
constexpr std::size_t kCrcOffset = kLedgerRecordBytes - 4;
constexpr std::int64_t kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z

void Put(Bytes& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
  }
}

std::uint64_t Get(ByteView record, std::size_t offset, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) {
    value = value << 8U | record[offset + i];
  }
  return value;
}

bool IsKnown(LedgerRecordKind kind) {
  return kind == LedgerRecordKind::kCharge || kind == LedgerRecordKind::kLost;
}

// False: a defect.
bool Decode(ByteView bytes, std::uint64_t number, LedgerRecord& record) {
  if (Get(bytes, kCrcOffset, 4) != Crc32(bytes.first(kCrcOffset))) {
    return false;
  }
  record.kind = static_cast<LedgerRecordKind>(bytes[0]);
  record.charge.metric = static_cast<std::uint32_t>(Get(bytes, 4, 4));
  const auto seconds = static_cast<std::int64_t>(Get(bytes, 8, 8));
  record.charge.cost.nano_epsilon = Get(bytes, 16, 8);
  record.charge.cost.pico_rho = Get(bytes, 24, 8);
  std::copy_n(bytes.begin() + 32, record.charge.id.size(), record.charge.id.begin());
  const bool zeros = Get(bytes, 1, 3) == 0 && Get(bytes, 56, 4) == 0;
  if (!IsKnown(record.kind) || !zeros || Get(bytes, 48, 8) != number || seconds < 0 ||
      seconds > kLastSecond) {
    return false;
  }
  record.stamp = absl::FromUnixSeconds(seconds);
  return true;
}

}  // namespace

Bytes LedgerHeader() {
  return ToBytes(kMagic);
}

Bytes EncodeLedgerRecord(const LedgerRecord& record, std::uint64_t number) {
  Bytes out;
  out.reserve(kLedgerRecordBytes);
  Put(out, static_cast<std::uint8_t>(record.kind), 4);
  Put(out, record.charge.metric, 4);
  Put(out, static_cast<std::uint64_t>(absl::ToUnixSeconds(record.stamp)), 8);
  Put(out, record.charge.cost.nano_epsilon, 8);
  Put(out, record.charge.cost.pico_rho, 8);
  out.insert(out.end(), record.charge.id.begin(), record.charge.id.end());
  Put(out, number, 8);
  Put(out, 0, 4);
  Put(out, Crc32(out), 4);
  return out;
}

Bytes EncodeLedger(const std::vector<LedgerRecord>& records) {
  Bytes out = LedgerHeader();
  std::uint64_t number = 0;
  for (const LedgerRecord& record : records) {
    const Bytes bytes = EncodeLedgerRecord(record, number);
    out.insert(out.end(), bytes.begin(), bytes.end());
    ++number;
  }
  return out;
}

LedgerContent ReadLedger(ByteView bytes) {
  LedgerContent content;
  if (bytes.size() < kLedgerHeaderBytes || AsText(bytes.first(kLedgerHeaderBytes)) != kMagic) {
    return content;
  }
  ByteView rest = bytes.subspan(kLedgerHeaderBytes);
  while (rest.size() >= kLedgerRecordBytes) {
    LedgerRecord record;
    if (!Decode(rest.first(kLedgerRecordBytes), content.records.size(), record)) {
      return content;
    }
    content.records.push_back(record);
    rest = rest.subspan(kLedgerRecordBytes);
  }
  content.intact = rest.empty();
  return content;
}

}  // namespace flotilla::dp
