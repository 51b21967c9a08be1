// The bytes of the device's ledger.
//
//   file:   "flotilla-ledger1" (16 bytes), then records of 64 bytes, to the end
//   record: kind (1 byte), zeros (3), metric (4), stamp in seconds since 1970 (8), nano-epsilon
//   (8),
//           pico-rho (8), charge id (16), number of the record from 0 (8), zeros (4), CRC-32 of the
//           60 bytes before it (4); numbers are little-endian
#ifndef FLOTILLA_TELEMETRY_DP_LEDGER_RECORD_H_
#define FLOTILLA_TELEMETRY_DP_LEDGER_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "telemetry/dp/charge.h"

namespace flotilla::dp {

enum class LedgerRecordKind : std::uint8_t {
  kUnspecified = 0,
  kCharge = 1,
  kLost = 2,  // earlier records were lost: counts as the whole cap
};

struct LedgerRecord {
  LedgerRecordKind kind = LedgerRecordKind::kUnspecified;
  Time stamp;  // whole seconds, not before the true time of the charge
  Charge charge;

  friend bool operator==(const LedgerRecord&, const LedgerRecord&) = default;
};

inline constexpr std::size_t kLedgerHeaderBytes = 16;
inline constexpr std::size_t kLedgerRecordBytes = 64;

Bytes LedgerHeader();
// `number` is the record's place in the file, from 0.
Bytes EncodeLedgerRecord(const LedgerRecord& record, std::uint64_t number);
// Header and records.
Bytes EncodeLedger(const std::vector<LedgerRecord>& records);

struct LedgerContent {
  std::vector<LedgerRecord> records;  // up to the first defect
  bool intact = false;                // there is none, up to the last byte
};

// Never fails; anything that EncodeLedger does not write is a defect. Pure.
LedgerContent ReadLedger(ByteView bytes);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_LEDGER_RECORD_H_
