#include "base/indexed_map.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(IndexedMap, FindsWhatWasPutAndNothingElse) {
  IndexedMap<int> map;
  EXPECT_EQ(map.Find("a"), nullptr);
  map["a"] = 1;
  map["b"] = 2;
  ASSERT_NE(map.Find("a"), nullptr);
  EXPECT_EQ(*map.Find("a"), 1);
  *map.Find("b") = 3;
  EXPECT_EQ(map["b"], 3);
  EXPECT_EQ(map.Find("c"), nullptr);
}

TEST(IndexedMap, GoesThroughRowsInTheOrderOfTheirKeys) {
  IndexedMap<int> map;
  for (const int n : {5, 3, 9, 1}) {
    map[std::to_string(n)] = n;
  }
  std::vector<int> seen;
  for (const auto& [key, row] : map.rows()) {
    seen.push_back(row);
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 3, 5, 9}));
}

TEST(IndexedMap, KeepsTheAddressesOfItsRows) {
  IndexedMap<int> map;
  int* const first = &map["d-0"];
  for (int n = 1; n < 1000; ++n) {
    map["d-" + std::to_string(n)] = n;
  }
  EXPECT_EQ(map.Find("d-0"), first);
  EXPECT_EQ(*map.Find("d-999"), 999);
}

}  // namespace
}  // namespace flotilla
