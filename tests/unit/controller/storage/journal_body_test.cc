#include "controller/storage/journal_body.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "controller/storage/journal_rows.h"
#include "controller/storage/sql_rows.h"

namespace flotilla::controller {
namespace {

std::vector<SqlBatch> Rows(int reports, const std::string& text) {
  FleetChange change;
  StoredDevice& device = change.devices.emplace_back();
  device.record.set_id(std::string("pump\0-1", 7));
  device.boot_epoch = 0xffff'ffff'ffff'fff0U;
  device.token_id = "";
  for (int i = 0; i < reports; ++i) {
    StoredReport& report = change.reports.emplace_back();
    report.device_id = absl::StrCat("pump-", i);
    report.report.set_variant(text);
  }
  change.rollout_devices.emplace_back().set_rollout_id("r");
  return RowsOf(change);
}

std::vector<const SqlBatch*> Pointers(const std::vector<SqlBatch>& batches) {
  std::vector<const SqlBatch*> pointers;
  for (const SqlBatch& batch : batches) {
    pointers.push_back(&batch);
  }
  return pointers;
}

std::string BodyOf(const std::vector<SqlBatch>& batches) {
  return EncodeJournal(Pointers(batches)).value().front().body;
}

TEST(JournalBody, GivesBackTheRowsThatWentIn) {
  const std::vector<SqlBatch> rows = Rows(3, std::string("a\0b", 3));
  const auto bodies = EncodeJournal(Pointers(rows));
  ASSERT_TRUE(bodies.ok());
  ASSERT_EQ(bodies->size(), 1U);
  EXPECT_GT(bodies->front().size_bytes, 100U);
  const auto read = DecodeJournal(bodies->front().body);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, rows);
}

TEST(JournalBody, SaysTheSameThingAHundredTimesInATenth) {
  const auto bodies = EncodeJournal(Pointers(Rows(100, std::string(200, 'x'))));
  ASSERT_TRUE(bodies.ok());
  EXPECT_LT(bodies->front().body.size() * 10, bodies->front().size_bytes);
}

TEST(JournalBody, CutsLargeGroupsAndLeavesTheRowsInOrder) {
  const std::vector<SqlBatch> rows = Rows(12, std::string(1'000'000, 'x'));
  const auto bodies = EncodeJournal(Pointers(rows));
  ASSERT_TRUE(bodies.ok());
  EXPECT_EQ(bodies->size(), 3U);
  std::vector<SqlRow> reports;
  for (const JournalBody& body : *bodies) {
    EXPECT_LT(body.size_bytes, 4'200'000U);
    const std::vector<SqlBatch> batches = DecodeJournal(body.body).value();
    for (const SqlBatch& batch : batches) {
      if (batch.table == rows[1].table) {
        reports.insert(reports.end(), batch.rows.begin(), batch.rows.end());
      }
    }
  }
  EXPECT_EQ(reports, rows[1].rows);
}

TEST(JournalBody, IsDataLossWithEveryBitFlippedAndAtEveryLength) {
  const std::string body = BodyOf(Rows(2, "text"));
  for (std::size_t i = 0; i < body.size(); ++i) {
    std::string flipped = body;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    const auto read = DecodeJournal(flipped);
    EXPECT_EQ(read.status().code(), StatusCode::kDataLoss) << "byte " << i;
    EXPECT_EQ(ReasonNumber(read.status()), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
    EXPECT_EQ(DecodeJournal(body.substr(0, i)).status().code(), StatusCode::kDataLoss) << i;
  }
  EXPECT_EQ(DecodeJournal(absl::StrCat(body, "x")).status().code(), StatusCode::kDataLoss);
}

TEST(JournalBody, RefusesRowsOfAnotherTableOrOtherColumns) {
  // Name, number of columns.
  for (const std::string rows : {"\x06tokens\x01\x02id\x00",
                                 "\x07"
                                 "devices\x01\x02id\x00"}) {
    EXPECT_EQ(DecodeJournalRows(rows).status().code(), StatusCode::kDataLoss);
  }
  EXPECT_TRUE(DecodeJournalRows("").ok());
}

}  // namespace
}  // namespace flotilla::controller
