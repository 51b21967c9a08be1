// A whole fleet from one database to another.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/fleet_copy.h"
#include "controller/storage/open_fleet_store.h"
#include "tests/contract/fleet_copy_content.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

class FleetCopy : public ::testing::Test {
 protected:
  StorePlace File(const std::string& name) const { return {{}, folder_.path() / name}; }
  TempDir folder_;
};

TEST_F(FleetCopy, HasEveryRowOfEveryTable) {
  ASSERT_NO_FATAL_FAILURE(FillFleet(File("a.db")));
  std::uint64_t told = 0;
  const auto copied =
      CopyFleetStore(File("a.db"), File("b.db"), [&](const std::string& table, std::uint64_t rows) {
        told = table == "devices" ? rows : told;
      });
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->devices, 2500U);
  EXPECT_EQ(copied->audit_seq, 1001U);
  EXPECT_EQ(told, 2500U);
  ExpectSameFleet(File("a.db"), File("b.db"));
}

TEST_F(FleetCopy, IsOfOneMomentWhileOthersCommit) {
  ASSERT_NO_FATAL_FAILURE(FillFleet(File("a.db")));
  const auto writer = OpenFleetStore({}, File("a.db").file).value();
  const auto copied =
      CopyFleetStore(File("a.db"), File("b.db"), [&](const std::string&, std::uint64_t rows) {
        FleetChange change;
        change.devices.emplace_back().record.set_id(absl::StrCat("zz-", rows));
        EXPECT_TRUE(writer->Commit(change).ok());
      });
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->devices, 2500U);
  EXPECT_GT(writer->Load()->devices.size(), 2500U);
}

TEST_F(FleetCopy, GoesIntoAnEmptyDatabaseAlone) {
  ASSERT_NO_FATAL_FAILURE(FillFleet(File("a.db")));
  ASSERT_NO_FATAL_FAILURE(FillFleet(File("b.db")));
  EXPECT_EQ(CopyFleetStore(File("a.db"), File("b.db"), NoProgress).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(CopyFleetStore(File("none.db"), File("c.db"), NoProgress).status().code(),
            StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(File("none.db").file));
}

}  // namespace
}  // namespace flotilla::controller
