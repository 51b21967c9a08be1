#include "telemetry/vdaf/histogram_shape.h"

#include <gtest/gtest.h>

#include "telemetry/vdaf/prio3.h"

namespace flotilla::vdaf {
namespace {

// docs/privacy.md: chunk length, and the report of two aggregators in bytes.
struct Row {
  std::uint32_t buckets = 0;
  std::uint32_t chunk_length = 0;
  std::size_t report = 0;
};
constexpr Row kTable[] = {{5, 2, 568},  {8, 3, 648},   {12, 4, 744},
                          {16, 6, 872}, {24, 4, 1064}, {32, 5, 1224}};
// What DAP adds to the shares: two HPKE key shares of 32 and tags of 16 bytes, the report's id and
// time (24), lengths and the id of the HPKE configuration.
constexpr std::size_t kEnvelope = 152;

TEST(HistogramShape, ChunkLengthsAreThoseOfThePrivacyPage) {
  for (const Row& row : kTable) {
    const auto shape = SmallestReportShape(row.buckets);
    ASSERT_TRUE(shape.ok());
    EXPECT_EQ(shape->buckets, row.buckets);
    EXPECT_EQ(shape->chunk_length, row.chunk_length) << row.buckets;
  }
}

TEST(HistogramShape, ReportSizesAreThoseOfThePrivacyPage) {
  for (const Row& row : kTable) {
    const auto prio3 = NewPrio3Histogram(*SmallestReportShape(row.buckets), 2);
    ASSERT_TRUE(prio3.ok());
    const Prio3Sizes& sizes = (*prio3)->sizes();
    EXPECT_EQ(sizes.helper_share, 64U);
    EXPECT_EQ(sizes.public_share, 64U);
    EXPECT_EQ(sizes.leader_share + sizes.helper_share + sizes.public_share + kEnvelope, row.report)
        << row.buckets;
  }
}

TEST(HistogramShape, NoOtherChunkMakesASmallerReport) {
  for (std::uint32_t buckets = 1; buckets <= 40; ++buckets) {
    const auto best = NewPrio3Histogram(*SmallestReportShape(buckets), 2);
    ASSERT_TRUE(best.ok());
    for (std::uint32_t chunk = 1; chunk <= buckets + 3; ++chunk) {
      const auto other = NewPrio3Histogram({.buckets = buckets, .chunk_length = chunk}, 2);
      ASSERT_TRUE(other.ok());
      EXPECT_LE((*best)->sizes().leader_share, (*other)->sizes().leader_share) << buckets << chunk;
    }
  }
}

TEST(HistogramShape, RefusesNoneAndTooMany) {
  EXPECT_EQ(SmallestReportShape(0).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(SmallestReportShape(kMaxBuckets + 1).status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(CheckShape({.buckets = 5, .chunk_length = 0}).ok());
  EXPECT_TRUE(CheckShape({.buckets = 5, .chunk_length = 9}).ok());
}

}  // namespace
}  // namespace flotilla::vdaf
