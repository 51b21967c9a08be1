#include "telemetry/vdaf/ntt.h"

#include <gtest/gtest.h>

#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/field64.h"
#include "tests/unit/telemetry/vdaf/schoolbook.h"

namespace flotilla::vdaf {
namespace {

constexpr std::size_t kSizes[] = {1, 2, 4, 8, 16, 64, 256};

template <typename Field>
class NttTest : public ::testing::Test {};
using Fields = ::testing::Types<Field64, Field128>;
TYPED_TEST_SUITE(NttTest, Fields);

TYPED_TEST(NttTest, ForwardGivesTheValuesAtTheRootsInTheirOrder) {
  SeededRandom random(1);
  for (const std::size_t size : kSizes) {
    const Ntt<TypeParam> ntt(size);
    const auto coefficients = RandomElements<TypeParam>(random, size);
    auto values = coefficients;
    ntt.Forward(values);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_TRUE(values[i] == Evaluate<TypeParam>(coefficients, ntt.roots()[i])) << size << i;
    }
  }
}

TYPED_TEST(NttTest, BackwardUndoesForward) {
  SeededRandom random(2);
  for (const std::size_t size : kSizes) {
    const Ntt<TypeParam> ntt(size);
    const auto coefficients = RandomElements<TypeParam>(random, size);
    auto values = coefficients;
    ntt.Forward(values);
    ntt.Backward(values);
    EXPECT_TRUE(values == coefficients) << size;
  }
}

TYPED_TEST(NttTest, RootsOfASizeAreThoseOfEvenIndexOfTheDouble) {
  const Ntt<TypeParam> small(8);
  const Ntt<TypeParam> large(16);
  for (std::size_t i = 0; i < small.size(); ++i) {
    EXPECT_TRUE(small.roots()[i] == large.roots()[2 * i]) << i;
  }
}

}  // namespace
}  // namespace flotilla::vdaf
