#include "telemetry/vdaf/lagrange.h"

#include <gtest/gtest.h>

#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/field64.h"
#include "tests/unit/telemetry/vdaf/schoolbook.h"

namespace flotilla::vdaf {
namespace {

template <typename Field>
class LagrangeTest : public ::testing::Test {};
using Fields = ::testing::Types<Field64, Field128>;
TYPED_TEST_SUITE(LagrangeTest, Fields);

template <typename Field>
Field EvaluateByWeights(const Ntt<Field>& nodes, const std::vector<Field>& values, Field x) {
  const std::vector<Field> weights = LagrangeWeights(nodes, x);
  Field sum;
  for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
  return sum;
}

TYPED_TEST(LagrangeTest, WeightsGiveTheValueAnywhereNodesIncluded) {
  SeededRandom random(1);
  for (const std::size_t size : {1U, 2U, 4U, 16U}) {
    const Ntt<TypeParam> nodes(size);
    const auto coefficients = RandomElements<TypeParam>(random, size);
    auto values = coefficients;
    nodes.Forward(values);
    auto points = RandomElements<TypeParam>(random, 4);
    points.insert(points.end(), nodes.roots().begin(), nodes.roots().end());
    points.push_back(TypeParam());
    for (const TypeParam& x : points) {
      EXPECT_TRUE(EvaluateByWeights(nodes, values, x) == Evaluate<TypeParam>(coefficients, x));
    }
  }
}

TYPED_TEST(LagrangeTest, TheLastValueOfALowerDegreeFollowsFromTheOthers) {
  SeededRandom random(2);
  for (const std::size_t size : {4U, 8U, 32U}) {
    const Ntt<TypeParam> nodes(size);
    auto values = RandomElements<TypeParam>(random, size);
    values.back() = TypeParam();  // the coefficient that is missing
    nodes.Forward(values);
    const auto others = std::span<const TypeParam>(values).first(size - 1);
    EXPECT_TRUE(LastValue(nodes, others) == values.back()) << size;
  }
}

}  // namespace
}  // namespace flotilla::vdaf
