#include "telemetry/vdaf/xof.h"

#include <gtest/gtest.h>

#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/field64.h"
#include "telemetry/vdaf/field_vector.h"

namespace flotilla::vdaf {
namespace {

const Seed kSeed = {1, 2, 3};

TEST(Xof, FramesSeedTagAndBinder) {
  // length of the tag (two bytes, little-endian), tag, length of the seed, seed, binder
  Bytes framed = {3, 0, 't', 'a', 'g', 32};
  framed.insert(framed.end(), kSeed.begin(), kSeed.end());
  framed.push_back('b');
  TurboShake128 stream(1);
  stream.Absorb(framed);
  Seed expected{};
  stream.Squeeze(expected);
  EXPECT_EQ(Xof::DeriveSeed(kSeed, AsBytes("tag"), {AsBytes("b")}), expected);
}

TEST(Xof, TheBinderIsTheConcatenationOfItsParts) {
  EXPECT_EQ(Xof::DeriveSeed(kSeed, AsBytes("tag"), {AsBytes("ab"), AsBytes("c")}),
            Xof::DeriveSeed(kSeed, AsBytes("tag"), {AsBytes("abc")}));
}

TEST(Xof, AVectorIsTheStreamCutIntoElements) {
  const auto vector = Xof(kSeed, AsBytes("tag"), {}).NextVector<Field128>(20);
  Bytes bytes(20 * Field128::kEncodedSize);
  Xof(kSeed, AsBytes("tag"), {}).Next(bytes);
  EXPECT_EQ(EncodeVector<Field128>(vector), bytes);
}

TEST(Xof, VectorsTakenOneAfterAnotherAreOneStream) {
  Xof pieces(kSeed, AsBytes("tag"), {});
  auto vector = pieces.NextVector<Field64>(3);
  const auto rest = pieces.NextVector<Field64>(4);
  vector.insert(vector.end(), rest.begin(), rest.end());
  EXPECT_TRUE(vector == Xof(kSeed, AsBytes("tag"), {}).NextVector<Field64>(7));
}

}  // namespace
}  // namespace flotilla::vdaf
