#include "base/crc32.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flotilla {
namespace {

TEST(Crc32, AgreesWithTheStandardsCheckValue) {
  EXPECT_EQ(Crc32(AsBytes("123456789")), 0xCBF43926U);
  EXPECT_EQ(Crc32({}), 0U);
}

TEST(Crc32, GoesOnFromTheBytesBefore) {
  EXPECT_EQ(Crc32(AsBytes("56789"), Crc32(AsBytes("1234"))), 0xCBF43926U);
}

}  // namespace
}  // namespace flotilla
