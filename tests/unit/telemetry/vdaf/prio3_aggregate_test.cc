#include <limits>

#include <gtest/gtest.h>

#include "telemetry/vdaf/prio3.h"
#include "tests/unit/telemetry/vdaf/report_run.h"

namespace flotilla::vdaf {
namespace {

using Counts = std::vector<std::int64_t>;

TEST(Prio3Aggregate, NumbersOfEitherSignAreAddedAndStayNegative) {
  const auto prio3 = Histogram(5);
  auto aggregates = *RunReport(*prio3, ShardSeeded(*prio3, 2, 1));
  ASSERT_TRUE(prio3->AddNumbers(aggregates[0], Counts{3, -4, 0, -1, 100}).ok());
  ASSERT_TRUE(prio3->AddNumbers(aggregates[1], Counts{0, -4, -1, 1, 0}).ok());
  EXPECT_EQ(*prio3->Unshard(aggregates), (Counts{3, -8, 0, 0, 100}));
}

TEST(Prio3Aggregate, TheEndsOfTheRangeOfNumbersAreAdded) {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const auto prio3 = Histogram(2);
  std::vector<Bytes> aggregates(2, prio3->EmptyAggregate());
  ASSERT_TRUE(prio3->AddNumbers(aggregates[0], Counts{least, most}).ok());
  ASSERT_TRUE(prio3->AddNumbers(aggregates[1], Counts{most, -most}).ok());
  EXPECT_EQ(*prio3->Unshard(aggregates), (Counts{-1, 0}));
}

TEST(Prio3Aggregate, ACountOfPrio3CountMayBecomeNegativeToo) {
  const auto prio3 = NewPrio3Count(2);
  std::vector<Bytes> aggregates(2, (*prio3)->EmptyAggregate());
  ASSERT_TRUE((*prio3)->AddNumbers(aggregates[1], Counts{-7}).ok());
  EXPECT_EQ(*(*prio3)->Unshard(aggregates), Counts{-7});
}

TEST(Prio3Aggregate, SharesOfTwoBatchesAddUp) {
  const auto prio3 = Histogram(5);
  auto first = *RunReport(*prio3, ShardSeeded(*prio3, 0, 1));
  const auto second = *RunReport(*prio3, ShardSeeded(*prio3, 4, 2));
  for (std::size_t i = 0; i < 2; ++i) ASSERT_TRUE(prio3->AddShare(first[i], second[i]).ok());
  EXPECT_EQ(*prio3->Unshard(first), (Counts{1, 0, 0, 0, 1}));
}

TEST(Prio3Aggregate, AnErrorLeavesTheAggregateUnchanged) {
  const auto prio3 = Histogram(5);
  const Bytes before = (*RunReport(*prio3, ShardSeeded(*prio3, 2, 1)))[0];
  Bytes aggregate = before;
  EXPECT_FALSE(prio3->AddShare(aggregate, ByteView(before).first(before.size() - 1)).ok());
  EXPECT_FALSE(prio3->AddShare(aggregate, Bytes(before.size(), 0xFF)).ok());
  EXPECT_FALSE(prio3->AddNumbers(aggregate, Counts{1, 2, 3, 4}).ok());
  EXPECT_FALSE(prio3->AddNumbers(aggregate, Counts(6)).ok());
  EXPECT_EQ(aggregate, before);
}

TEST(Prio3Aggregate, UnshardRefusesSharesThatAreMissingWrongOrDoNotFitTogether) {
  const auto prio3 = Histogram(5);
  const auto outputs = *RunReport(*prio3, ShardSeeded(*prio3, 2, 1));
  EXPECT_FALSE(prio3->Unshard(std::vector<Bytes>{outputs[0]}).ok());
  EXPECT_FALSE(prio3->Unshard(std::vector<Bytes>{outputs[0], Bytes(16)}).ok());
  const std::vector<Bytes> not_a_pair = {outputs[0], outputs[0]};
  EXPECT_EQ(prio3->Unshard(not_a_pair).status().code(), StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace flotilla::vdaf
