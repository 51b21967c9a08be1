// What the catalogue signs for a bundle, and what it publishes at once after it.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "security/tuf/repository.h"
#include "tests/unit/controller/release/catalogue_fixture.h"

namespace flotilla::controller {
namespace {

constexpr Duration kDay = absl::Hours(24);

class CatalogueBundle : public CatalogueFixture {
 protected:
  std::map<std::string, tuf::Draft> Sign(Duration life) {
    std::map<std::string, tuf::Draft> drafts;
    const auto files = catalogue_->SignBundle(kNow, life);
    EXPECT_TRUE(files.ok()) << files.status();
    for (const v1::MetadataFile& file : files.value_or(std::vector<v1::MetadataFile>())) {
      drafts.emplace(file.name(), tuf::Draft::Load(AsBytes(file.content())).value());
    }
    return drafts;
  }
};

TEST_F(CatalogueBundle, HasTheNextTimestampMarkedAndLongLived) {
  PublishFirst();
  const auto drafts = Sign(90 * kDay);
  const tuf::Draft& timestamp = drafts.at("timestamp.json");
  EXPECT_EQ(timestamp.version(), 2);
  EXPECT_EQ(timestamp.expires(), kNow + 90 * kDay);
  EXPECT_EQ(timestamp.signed_part().at("x-flotilla-source").as_string(), "bundle");
  EXPECT_EQ(drafts.at("2.snapshot.json").expires(), kNow + 90 * kDay);
  int publishers = 0;
  for (const auto& [name, draft] : drafts) {
    publishers += name.ends_with(".targets.json") || name.ends_with(".models-pump.json") ? 1 : 0;
    EXPECT_FALSE(name.ends_with(".root.json")) << name;
  }
  EXPECT_EQ(publishers, 2);
}

TEST_F(CatalogueBundle, IsOvertakenOnlineBeforeItLeaves) {
  PublishFirst();
  Sign(kDay);
  const auto served = Served();  // by the rules of the network
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->versions.timestamp, 3);
  EXPECT_EQ(served->versions.snapshot, 3);
  Sign(kDay);
  EXPECT_EQ(Served()->versions.timestamp, 5);
}

TEST_F(CatalogueBundle, LivesOneHourToNinetyDays) {
  EXPECT_EQ(catalogue_->SignBundle(kNow, kDay).status().code(), StatusCode::kFailedPrecondition);
  PublishFirst();
  EXPECT_TRUE(catalogue_->SignBundle(kNow, absl::Hours(1)).ok());
  for (const Duration life : {absl::Hours(1) - absl::Seconds(1), 90 * kDay + absl::Seconds(1)}) {
    EXPECT_EQ(catalogue_->SignBundle(kNow, life).status().code(), StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace flotilla::controller
