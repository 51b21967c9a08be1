#include "base/digest.h"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(Digest, RoundTripsItsHexForm) {
  const std::string hex = std::string(32, 'a') + std::string(32, '0');
  const auto digest = Digest::FromHex(hex);
  ASSERT_TRUE(digest.ok());
  EXPECT_EQ(digest->ToHex(), hex);
  EXPECT_FALSE(digest->IsZero());
}

TEST(Digest, RefusesUpperCaseAndOtherLengths) {
  EXPECT_FALSE(Digest::FromHex(std::string(64, 'A')).ok());
  EXPECT_FALSE(Digest::FromHex(std::string(63, 'a')).ok());
  EXPECT_FALSE(Digest::FromHex(std::string(66, 'a')).ok());
  EXPECT_FALSE(Digest::FromHex("").ok());
  EXPECT_FALSE(Digest::FromBytes(Bytes(31)).ok());
  EXPECT_FALSE(Digest::FromBytes(Bytes(33)).ok());
}

TEST(Digest, IsZeroUntilItIsGiven) {
  EXPECT_TRUE(Digest().IsZero());
  EXPECT_EQ(Digest().ToHex(), std::string(64, '0'));
}

TEST(Digest, OrdersAndHashesByItsBytes) {
  const Digest low = *Digest::FromHex(std::string(64, '1'));
  const Digest high = *Digest::FromHex(std::string(64, '2'));
  EXPECT_LT(low, high);
  const std::unordered_set<Digest> set{low, high, low};
  EXPECT_EQ(set.size(), 2U);
}

}  // namespace
}  // namespace flotilla
