#include "base/jitter.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla {
namespace {

TEST(Jitter, ComesToEachMillisecondUpToTheMost) {
  SeededRandom random(1);
  std::set<Duration> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(UniformUpTo(random, absl::Milliseconds(3)));
  }
  EXPECT_EQ(seen, (std::set<Duration>{absl::ZeroDuration(), absl::Milliseconds(1),
                                      absl::Milliseconds(2), absl::Milliseconds(3)}));
}

TEST(Jitter, IsNothingWhereThereIsNoTime) {
  SeededRandom random(1);
  EXPECT_EQ(UniformUpTo(random, absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_EQ(UniformUpTo(random, -absl::Hours(1)), absl::ZeroDuration());
}

}  // namespace
}  // namespace flotilla
