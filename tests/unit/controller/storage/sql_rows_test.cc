#include "controller/storage/sql_rows.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/storage/postgres_array.h"
#include "controller/storage/sql_write.h"

namespace flotilla::controller {
namespace {

FleetChange Devices(const std::vector<std::string>& ids) {
  FleetChange change;
  for (const std::string& id : ids) {
    StoredDevice& device = change.devices.emplace_back();
    device.record.set_id(id);
    device.report_seq = change.devices.size();
  }
  return change;
}

std::vector<std::string> KeysOf(const SqlBatch& batch) {
  std::vector<std::string> keys;
  for (const SqlRow& row : batch.rows) {
    keys.push_back(std::get<std::string>(row.front()));
  }
  return keys;
}

TEST(SqlRows, AreSortedByKeyAndHoldTheLastOfEach) {
  const std::vector<SqlBatch> batches = RowsOf(Devices({"c", "a", "b", "a"}));
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(KeysOf(batches.front()), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(std::get<SqlNumber>(batches.front().rows.front().at(2)), 4) << "the last report_seq";
}

TEST(SqlRows, HoldTheFirstOfRowsThatAreKept) {
  FleetChange change;
  for (const char* subject : {"first", "second"}) {
    change.revocations.push_back({"0a", subject, FromUnixMillis(1)});
  }
  const std::vector<SqlBatch> batches = RowsOf(change);
  ASSERT_EQ(batches.size(), 2U);
  ASSERT_EQ(batches[0].rows.size(), 1U);
  EXPECT_EQ(std::get<std::string>(batches[0].rows[0].at(1)), "first");
  EXPECT_EQ(batches[1].table->write, SqlWrite::kDelete);
}

TEST(SqlRows, HoldEveryAuditEntrySoThatTheDatabaseRefusesASecondOne) {
  FleetChange change;
  change.audit.resize(2);
  EXPECT_EQ(RowsOf(change).front().rows.size(), 2U);
  EXPECT_EQ(ConflictClause(*RowsOf(change).front().table), "");
}

TEST(PostgresArray, QuotesTextAndWritesBytesAsDigits) {
  const std::vector<SqlRow> rows = {{"a\"b\\c", SqlNumber{-1}, std::string("p\0q", 3)},
                                    {"", SqlNumber{7}, ""}};
  EXPECT_EQ(PostgresArray(rows, 0, SqlType::kText), R"({"a\"b\\c",""})");
  EXPECT_EQ(PostgresArray(rows, 1, SqlType::kNumber), "{-1,7}");
  EXPECT_EQ(PostgresArray(rows, 2, SqlType::kBody), R"({"\\x700071","\\x"})");
}

TEST(PostgresArray, EndsATextAtItsNullByte) {
  const std::vector<SqlRow> rows = {{std::string("a\0b", 3)}};
  EXPECT_EQ(PostgresArray(rows, 0, SqlType::kText), R"({"a"})");
}

}  // namespace
}  // namespace flotilla::controller
