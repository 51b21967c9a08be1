#include "telemetry/dp/ledger_record.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::dp {
namespace {

std::vector<LedgerRecord> Three() {
  std::vector<LedgerRecord> records;
  for (std::uint8_t i = 0; i < 3; ++i) {
    LedgerRecord record;
    record.kind = i == 1 ? LedgerRecordKind::kLost : LedgerRecordKind::kCharge;
    record.stamp = absl::FromUnixSeconds(1'790'000'000 + i);
    record.charge.id.fill(i);
    record.charge.metric = 0x01020304U + i;
    record.charge.cost = {kNanoEpsilon + i, kPicoRho / 400};
    records.push_back(record);
  }
  return records;
}

Bytes RecordOf(const Bytes& ledger, std::size_t index) {
  const ByteView record =
      ByteView(ledger).subspan(kLedgerHeaderBytes + index * kLedgerRecordBytes, kLedgerRecordBytes);
  return {record.begin(), record.end()};
}

TEST(LedgerRecord, IsReadAsItWasWritten) {
  const Bytes bytes = EncodeLedger(Three());
  EXPECT_EQ(bytes.size(), kLedgerHeaderBytes + 3 * kLedgerRecordBytes);
  const LedgerContent content = ReadLedger(bytes);
  EXPECT_TRUE(content.intact);
  EXPECT_EQ(content.records, Three());
}

TEST(LedgerRecord, AnEmptyLedgerIsItsHeader) {
  EXPECT_EQ(EncodeLedger({}), LedgerHeader());
  EXPECT_TRUE(ReadLedger(LedgerHeader()).intact);
  EXPECT_FALSE(ReadLedger({}).intact);
}

TEST(LedgerRecord, HasTheLayoutThatIsWrittenDown) {
  const Bytes bytes = EncodeLedgerRecord(Three()[2], 2);
  EXPECT_EQ(HexEncode(ByteView(bytes).first(60)),
            "0100000006030201"                  // charge, metric
            "823bb16a00000000"                  // stamp
            "02ca9a3b00000000"                  // nano-epsilon
            "00f9029500000000"                  // pico-rho
            "02020202020202020202020202020202"  // id
            "0200000000000000"                  // number
            "00000000");
}

TEST(LedgerRecord, EveryFlippedBitIsADefectFromItsRecordOn) {
  const Bytes good = EncodeLedger(Three());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const LedgerContent content = ReadLedger(bad);
    ASSERT_FALSE(content.intact) << bit;
    const std::size_t before =
        bit / 8 < kLedgerHeaderBytes ? 0 : (bit / 8 - kLedgerHeaderBytes) / kLedgerRecordBytes;
    ASSERT_EQ(content.records.size(), before) << bit;
  }
}

TEST(LedgerRecord, AnyCutInsideARecordIsADefect) {
  const Bytes good = EncodeLedger(Three());
  for (std::size_t size = 0; size < good.size(); ++size) {
    const bool whole =
        size >= kLedgerHeaderBytes && (size - kLedgerHeaderBytes) % kLedgerRecordBytes == 0;
    EXPECT_EQ(ReadLedger(ByteView(good).first(size)).intact, whole) << size;
  }
}

TEST(LedgerRecord, ARecordThatIsMissingThereTwiceOrElsewhereIsADefect) {
  const Bytes good = EncodeLedger(Three());
  const auto read = [&good](const std::vector<std::size_t>& order) {
    Bytes bytes = LedgerHeader();
    for (const std::size_t index : order) {
      const Bytes record = RecordOf(good, index);
      bytes.insert(bytes.end(), record.begin(), record.end());
    }
    return ReadLedger(bytes).intact;
  };
  EXPECT_TRUE(read({0, 1, 2}));
  EXPECT_FALSE(read({1, 2}));
  EXPECT_FALSE(read({0, 2}));
  EXPECT_FALSE(read({0, 1, 1}));
  EXPECT_FALSE(read({0, 2, 1}));
}

}  // namespace
}  // namespace flotilla::dp
