#include "telemetry/vdaf/constant_time.h"

#include <gtest/gtest.h>

namespace flotilla::vdaf {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

TEST(ConstantTime, MasksAreAllBitsOrNone) {
  EXPECT_EQ(MaskOfBit(0), 0U);
  EXPECT_EQ(MaskOfBit(1), kAll);
  EXPECT_EQ(MaskIfZero(0), kAll);
  for (const std::uint64_t value : {std::uint64_t{1}, std::uint64_t{1} << 63, kAll}) {
    EXPECT_EQ(MaskIfZero(value), 0U) << value;
  }
  EXPECT_EQ(Choose(kAll, 5, 9), 5U);
  EXPECT_EQ(Choose(0, 5, 9), 9U);
}

TEST(ConstantTime, SameBytesSeesEveryBit) {
  const Bytes bytes = {0, 127, 128, 255};
  EXPECT_TRUE(SameBytes(bytes, bytes));
  EXPECT_TRUE(SameBytes({}, {}));
  EXPECT_FALSE(SameBytes(bytes, ByteView(bytes).first(3)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes other = bytes;
      other[i] = static_cast<std::uint8_t>(other[i] ^ (1 << bit));
      EXPECT_FALSE(SameBytes(bytes, other)) << i << ' ' << bit;
    }
  }
}

}  // namespace
}  // namespace flotilla::vdaf
