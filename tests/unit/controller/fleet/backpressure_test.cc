#include "controller/fleet/backpressure.h"

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

class BackpressureTest : public ::testing::Test {
 protected:
  LoadLevel At(std::size_t rows, std::size_t bytes = 0) { return pressure_.Look({rows, bytes}); }

  Backpressure pressure_{BackpressureOptions{100, 1000}, absl::Seconds(60)};
};

TEST_F(BackpressureTest, AsksForFewerHeartbeatsFirstThenLetsNewestValuesWaitThenStopsReading) {
  EXPECT_EQ(At(50), LoadLevel::kCalm);
  EXPECT_EQ(pressure_.heartbeat(), absl::Seconds(60));
  EXPECT_EQ(At(51), LoadLevel::kSlower);
  EXPECT_EQ(pressure_.heartbeat(), absl::Seconds(120));
  EXPECT_EQ(At(76), LoadLevel::kLatestOnly);
  EXPECT_EQ(pressure_.heartbeat(), absl::Seconds(300));
  EXPECT_EQ(At(91), LoadLevel::kHeld);
  EXPECT_EQ(pressure_.heartbeat(), absl::Seconds(300));
}

TEST_F(BackpressureTest, BytesCountAsRowsDo) {
  EXPECT_EQ(At(1, 901), LoadLevel::kHeld);
}

TEST_F(BackpressureTest, ALevelIsLeftOnlyATenthLower) {
  EXPECT_EQ(At(95), LoadLevel::kHeld);
  EXPECT_EQ(At(81), LoadLevel::kHeld);
  EXPECT_EQ(At(80), LoadLevel::kLatestOnly);
  EXPECT_EQ(At(66), LoadLevel::kLatestOnly);
  EXPECT_EQ(At(65), LoadLevel::kSlower);
  EXPECT_EQ(At(41), LoadLevel::kSlower);
  EXPECT_EQ(At(40), LoadLevel::kCalm);
  EXPECT_EQ(At(50), LoadLevel::kCalm);
}

TEST_F(BackpressureTest, FallsThroughAllLevelsWhenTheQueueIsEmpty) {
  EXPECT_EQ(At(100), LoadLevel::kHeld);
  EXPECT_EQ(At(0), LoadLevel::kCalm);
}

}  // namespace
}  // namespace flotilla::controller
