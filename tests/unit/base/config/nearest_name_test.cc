#include "base/config/nearest_name.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::config {
namespace {

const std::vector<std::string> kNames = {"labels", "listen", "state_dir"};

TEST(NearestName, FindsANameWithOneLetterMissing) {
  EXPECT_EQ(NearestName("labls", kNames), "labels");
}

TEST(NearestName, FindsCamelCaseForSnakeCase) {
  EXPECT_EQ(NearestName("stateDir", kNames), "state_dir");
}

TEST(NearestName, FindsNothingForAnotherWord) {
  EXPECT_EQ(NearestName("hardware", kNames), "");
}

TEST(NearestName, FindsNothingForAVeryLongWord) {
  EXPECT_EQ(NearestName(std::string(100'000, 'l'), kNames), "");
}

TEST(Suggestion, AsksForTheNearestName) {
  EXPECT_EQ(Suggestion("lables", kNames), "; did you mean 'labels'?");
}

TEST(Suggestion, ListsAllNamesWhenNoneIsNear) {
  EXPECT_EQ(Suggestion("hardware", kNames), "; one of: labels, listen, state_dir");
}

TEST(Suggestion, IsEmptyWithoutNames) {
  EXPECT_EQ(Suggestion("hardware", {}), "");
}

}  // namespace
}  // namespace flotilla::config
