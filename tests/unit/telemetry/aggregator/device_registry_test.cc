#include "telemetry/aggregator/device_registry.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

DeviceKey NewDevice(const std::string& label) {
  const auto pair = *security::GenerateEd25519();
  return ParseDeviceKeys(pair->public_key().ToPem(), label)->front();
}

class DeviceListTest : public testing::Test {
 protected:
  std::string Text() const { return ToText(*ReadFile(file_, 1U << 20U)); }

  TempDir folder_;
  const std::filesystem::path file_ = folder_.path() / "devices";
  OsDurableFs fs_;
  DeviceListEditor list_{file_, fs_};
  DeviceRegistry registry_{file_};
};

TEST_F(DeviceListTest, AddsEachKeyOnceAndKeepsWhatPeopleWrote) {
  std::ofstream(file_) << "# ward B";  // no end of line
  const DeviceKey pump = NewDevice("pump");
  EXPECT_EQ(*list_.Add({pump, pump, NewDevice("ward")}), 2U);
  DeviceKey renamed = pump;
  renamed.label = "another name";
  EXPECT_EQ(*list_.Add({renamed}), 0U);
  const auto devices = *list_.List();
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].label, "pump");
  EXPECT_EQ(Text().rfind("# ward B\n", 0), 0U);
}

TEST_F(DeviceListTest, RemovesADeviceByLabelOrIdAndNothingElse) {
  const std::vector<DeviceKey> devices = {NewDevice("a"), NewDevice("b"), NewDevice("c")};
  ASSERT_TRUE(list_.Add(devices).ok());
  const std::string head = Text().substr(0, Text().find(devices[0].Line()));
  EXPECT_EQ(list_.Remove("b")->Id(), devices[1].Id());
  EXPECT_EQ(list_.Remove(devices[2].Id().ToHex().substr(0, 8))->Id(), devices[2].Id());
  EXPECT_EQ(Text(), head + devices[0].Line() + "\n");
  EXPECT_EQ(list_.Remove("b").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(list_.Remove(devices[0].Id().ToHex().substr(0, 7)).status().code(),
            StatusCode::kNotFound);
}

TEST_F(DeviceListTest, DoesNotGuessWhichOfTwoDevicesIsMeant) {
  ASSERT_TRUE(list_.Add({NewDevice("pump"), NewDevice("pump")}).ok());
  EXPECT_EQ(list_.Remove("pump").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(list_.List()->size(), 2U);
}

TEST_F(DeviceListTest, NeverRewritesAListThatItCannotRead) {
  std::ofstream(file_) << "what is this\n";
  EXPECT_EQ(list_.Add({NewDevice("a")}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(list_.Remove("a").status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(*list_.Create());
  EXPECT_EQ(Text(), "what is this\n");
}

TEST_F(DeviceListTest, TheAggregatorSeesAChangeWithTheNextRefresh) {
  const DeviceKey a = NewDevice("a");
  const DeviceKey b = NewDevice("b");
  ASSERT_TRUE(list_.Add({a}).ok());
  ASSERT_TRUE(registry_.Refresh().ok());
  EXPECT_TRUE(registry_.Find(a.Id()).ok());
  EXPECT_EQ(registry_.Find(b.Id()).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(list_.Add({b}).ok());
  ASSERT_TRUE(list_.Remove("a").ok());
  ASSERT_TRUE(registry_.Refresh().ok());
  EXPECT_EQ(registry_.Find(a.Id()).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(*registry_.Find(b.Id()), *b.Key());
  EXPECT_EQ(registry_.size(), 1U);
}

TEST_F(DeviceListTest, AListThatIsGoneOrDamagedIsAnErrorNotAnEmptyOne) {
  EXPECT_EQ(registry_.Refresh().code(), StatusCode::kNotFound);
  ASSERT_TRUE(list_.Add({NewDevice("a")}).ok());
  ASSERT_TRUE(registry_.Refresh().ok());
  std::ofstream(file_, std::ios::app) << "half a li";
  EXPECT_FALSE(registry_.Refresh().ok());
  EXPECT_FALSE(registry_.Refresh().ok());
}

TEST_F(DeviceListTest, AKeyOnTwoLinesIsOneDevice) {
  const DeviceKey a = NewDevice("a");
  std::ofstream(file_) << a.Line() << "\n" << a.Line() << " again\n";
  ASSERT_TRUE(registry_.Refresh().ok());
  EXPECT_EQ(registry_.size(), 1U);
}

}  // namespace
}  // namespace flotilla::telemetry
