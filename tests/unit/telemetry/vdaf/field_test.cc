#include <limits>

#include <gtest/gtest.h>

#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/field64.h"
#include "telemetry/vdaf/field_vector.h"
#include "telemetry/vdaf/ntt.h"
#include "tests/unit/telemetry/vdaf/schoolbook.h"

namespace flotilla::vdaf {
namespace {

constexpr int kRandomPairs = 2000;

template <typename Field>
class FieldTest : public ::testing::Test {};
using Fields = ::testing::Types<Field64, Field128>;
TYPED_TEST_SUITE(FieldTest, Fields);

template <typename Field>
void ExpectSchoolbook(Uint128 a, Uint128 b) {
  const Field x = Element<Field>(a);
  const Field y = Element<Field>(b);
  const Uint128 minus_b = b == 0 ? 0 : kPrime<Field> - b;
  EXPECT_TRUE(Number(x + y) == AddSlowly<Field>(a, b));
  EXPECT_TRUE(Number(x - y) == AddSlowly<Field>(a, minus_b));
  EXPECT_TRUE(Number(x * y) == MultiplySlowly<Field>(a, b));
  EXPECT_EQ(x == y, a == b);
}

TYPED_TEST(FieldTest, AgreesWithSchoolbookArithmeticAtTheEdges) {
  for (const Uint128 a : Edges<TypeParam>()) {
    for (const Uint128 b : Edges<TypeParam>()) ExpectSchoolbook<TypeParam>(a, b);
  }
}

TYPED_TEST(FieldTest, AgreesWithSchoolbookArithmeticOnRandomNumbers) {
  SeededRandom random(1);
  for (int i = 0; i < kRandomPairs; ++i) {
    ExpectSchoolbook<TypeParam>(Number(RandomElement<TypeParam>(random)),
                                Number(RandomElement<TypeParam>(random)));
  }
}

TYPED_TEST(FieldTest, EncodesLittleEndianAndBack) {
  for (const Uint128 number : Edges<TypeParam>()) {
    EXPECT_TRUE(Number(Element<TypeParam>(number)) == number);
  }
  const auto bytes = Encoding<TypeParam>(0x0102);
  EXPECT_EQ(bytes[0], 2);
  EXPECT_EQ(bytes[1], 1);
}

TYPED_TEST(FieldTest, RefusesEncodingsThatAreNotBelowTheModulus) {
  const Uint128 top = (static_cast<Uint128>(1) << (8 * TypeParam::kEncodedSize - 1)) * 2 - 1;
  for (const Uint128 number : {kPrime<TypeParam>, kPrime<TypeParam> + 1, top - 1, top}) {
    EXPECT_FALSE(TypeParam::Decode(Encoding<TypeParam>(number)).has_value());
  }
  EXPECT_TRUE(TypeParam::Decode(Encoding<TypeParam>(kPrime<TypeParam> - 1)).has_value());
}

TYPED_TEST(FieldTest, ItsRootHasTheOrderThatIsStated) {
  TypeParam power = TypeParam::RootGenerator();
  for (unsigned i = 1; i < TypeParam::kTwoAdicity; ++i) power *= power;
  EXPECT_TRUE(power == TypeParam() - TypeParam::FromUint(1));
  // As the draft defines it: 7 to the odd part of p - 1.
  const Uint128 odd_part = (kPrime<TypeParam> - 1) >> TypeParam::kTwoAdicity;
  EXPECT_TRUE(Power(TypeParam::FromUint(7), odd_part) == TypeParam::RootGenerator());
}

TYPED_TEST(FieldTest, InverseTimesElementIsOne) {
  SeededRandom random(2);
  for (int i = 0; i < 20; ++i) {
    const auto element = RandomElement<TypeParam>(random);
    EXPECT_TRUE(element * Inverse(element) == TypeParam::FromUint(1));
  }
  EXPECT_TRUE(Inverse(TypeParam()) == TypeParam());
}

TYPED_TEST(FieldTest, SelectsByMask) {
  const auto one = TypeParam::FromUint(1);
  const auto two = TypeParam::FromUint(2);
  EXPECT_TRUE(TypeParam::Select(MaskOfBit(1), one, two) == one);
  EXPECT_TRUE(TypeParam::Select(MaskOfBit(0), one, two) == two);
}

TYPED_TEST(FieldTest, ResiduesAboveHalfAreNegativeNumbers) {
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 62}) {
    const auto element = TypeParam::FromUint(static_cast<std::uint64_t>(number));
    EXPECT_EQ(element.ToSigned(), number);
    EXPECT_EQ((TypeParam() - element).ToSigned(), -number);
  }
}

TYPED_TEST(FieldTest, FromUintReducesWhatIsNotBelowTheModulus) {
  const std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  EXPECT_TRUE(Number(TypeParam::FromUint(top)) == top % kPrime<TypeParam>);
}

TEST(Field128, HasNoSignedNumberForWhatDoesNotFit) {
  const auto large = Field128::FromUint(std::uint64_t{1} << 63);
  EXPECT_FALSE(large.ToSigned().has_value());
  EXPECT_FALSE((Field128() - large).ToSigned().has_value());
}

TYPED_TEST(FieldTest, AVectorIsReadOnlyWholeAndExact) {
  SeededRandom random(3);
  const std::vector<TypeParam> vector = RandomElements<TypeParam>(random, 5);
  Bytes bytes = EncodeVector<TypeParam>(vector);
  ASSERT_EQ(bytes.size(), 5 * TypeParam::kEncodedSize);
  const auto again = DecodeVector<TypeParam>(bytes, 5);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(*again == vector);
  EXPECT_EQ(DecodeVector<TypeParam>(bytes, 4).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeVector<TypeParam>(bytes, 6).status().code(), StatusCode::kInvalidArgument);
  const auto modulus = Encoding<TypeParam>(kPrime<TypeParam>);
  std::copy(modulus.begin(), modulus.end(), bytes.begin());
  EXPECT_EQ(DecodeVector<TypeParam>(bytes, 5).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::vdaf
