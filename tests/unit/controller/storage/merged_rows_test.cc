#include "controller/storage/merged_rows.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/storage/sql_rows.h"

namespace flotilla::controller {
namespace {

SqlBatch Devices(const std::vector<std::string>& ids, std::uint64_t seq) {
  FleetChange change;
  for (const std::string& id : ids) {
    StoredDevice& device = change.devices.emplace_back();
    device.record.set_id(id);
    device.report_seq = seq;
  }
  return RowsOf(change).front();
}

SqlBatch Report(const std::string& variant) {
  FleetChange change;
  change.reports.emplace_back().report.set_variant(variant);
  return RowsOf(change).front();
}

TEST(MergedRows, HoldTheLastOfEachKeyInTheOrderOfTheKeys) {
  MergedRows rows;
  rows.Add(Devices({"b", "c"}, 1));
  rows.Add(Devices({"a", "b"}, 2));
  std::vector<std::pair<std::string, SqlNumber>> found;
  for (const SqlRow& row : rows.Take(9).rows) {
    found.emplace_back(std::get<std::string>(row[0]), std::get<SqlNumber>(row[2]));
  }
  EXPECT_EQ(found, (std::vector<std::pair<std::string, SqlNumber>>{{"a", 2}, {"b", 2}, {"c", 1}}));
  EXPECT_TRUE(rows.empty());
}

TEST(MergedRows, HoldTheFirstOfRowsThatAreKept) {
  MergedRows rows;
  const SqlBatch first = Report("first");
  rows.Add(first);
  rows.Add(Report("second"));
  EXPECT_EQ(rows.Take(9).rows, first.rows);
}

TEST(MergedRows, AreTakenInPiecesOfOneTable) {
  MergedRows rows;
  rows.Add(Devices({"a", "b", "c"}, 1));
  rows.Add(Report("r"));
  EXPECT_EQ(rows.Take(2).rows.size(), 2U);
  EXPECT_EQ(rows.Take(2).rows.size(), 1U) << "the rest of the devices";
  EXPECT_FALSE(rows.empty());
  EXPECT_EQ(std::string(rows.Take(2).table->name), "reports");
  EXPECT_TRUE(rows.empty());
}

}  // namespace
}  // namespace flotilla::controller
