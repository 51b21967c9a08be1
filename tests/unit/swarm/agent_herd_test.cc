#include "tests/swarm/agents/agent_herd.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::swarm {
namespace {

using Numbers = std::vector<std::size_t>;

constexpr Duration kStart = absl::Seconds(1000);

class AgentHerdTest : public testing::Test {
 protected:
  AgentHerd Herd(std::size_t agents, Duration ramp = Duration()) {
    HerdOptions options;
    options.agents = agents;
    options.ramp = ramp;
    return {options, kStart, random_};
  }
  // The first moment, in steps of 10 ms, at which agent 0 is due.
  static Duration DueFrom(const AgentHerd& herd, Duration from) {
    Duration at = from;
    while (herd.Due(at).empty() && at < from + absl::Hours(1)) {
      at += absl::Milliseconds(10);
    }
    return at;
  }

  SeededRandom random_{1};
};

TEST_F(AgentHerdTest, SpreadsTheFirstStartsEvenlyOverTheRamp) {
  AgentHerd herd = Herd(4, absl::Seconds(8));
  EXPECT_EQ(herd.Due(kStart), Numbers({0}));
  herd.Started(0, kStart);
  EXPECT_EQ(herd.Due(kStart + absl::Milliseconds(1999)), Numbers());
  EXPECT_EQ(herd.Due(kStart + absl::Seconds(2)), Numbers({1}));
  EXPECT_EQ(herd.Due(kStart + absl::Seconds(6)), Numbers({1, 2, 3}));
}

TEST_F(AgentHerdTest, WithoutARampEveryoneIsDueAtOnce) {
  EXPECT_EQ(Herd(3).Due(kStart), Numbers({0, 1, 2}));
}

TEST_F(AgentHerdTest, WhoDiedIsDueAgainWithinTheFirstDelayAndIsCounted) {
  AgentHerd herd = Herd(2);
  herd.Started(0, kStart);
  herd.Started(1, kStart);
  EXPECT_EQ(herd.live(), 2U);
  herd.Ended(1, 137, kStart + absl::Seconds(5));
  EXPECT_EQ(herd.live(), 1U);
  EXPECT_EQ(herd.Due(kStart + absl::Seconds(6)), Numbers({1}));
  herd.Started(1, kStart + absl::Seconds(6));
  EXPECT_EQ(herd.live(), 2U);
  EXPECT_EQ(herd.counts().started, 3U);
  EXPECT_EQ(herd.counts().restarted, 1U);
  EXPECT_EQ(herd.counts().deaths, (std::map<int, std::uint64_t>{{137, 1}}));
  EXPECT_TRUE(herd.counts().ends.empty());
}

TEST_F(AgentHerdTest, WhoDiesAtEveryStartComesBackEverLaterUpToTheCap) {
  AgentHerd herd = Herd(1);
  Duration now = kStart;
  std::vector<Duration> waits;
  for (int i = 0; i < 200; ++i) {
    herd.Started(0, now);
    herd.Ended(0, 1, now);
    const Duration due = DueFrom(herd, now);
    waits.push_back(due - now);
    now = due;
  }
  EXPECT_LE(waits[0], absl::Seconds(1));
  EXPECT_LE(waits[1], absl::Seconds(2));
  const Duration longest = *std::max_element(waits.begin(), waits.end());
  EXPECT_GT(longest, absl::Seconds(30));
  EXPECT_LE(longest, absl::Seconds(60) + absl::Milliseconds(10));
  EXPECT_EQ(herd.counts().deaths.at(1), 200U);
}

TEST_F(AgentHerdTest, WhoLivedLongWaitsTheFirstDelayAgain) {
  AgentHerd herd = Herd(1);
  Duration now = kStart;
  for (int i = 0; i < 50; ++i) {
    herd.Started(0, now);
    now += absl::Seconds(60);
    herd.Ended(0, 1, now);
    const Duration due = DueFrom(herd, now);
    ASSERT_LE(due - now, absl::Seconds(1) + absl::Milliseconds(10)) << i;
    now = due;
  }
}

TEST_F(AgentHerdTest, OneThatCannotBeStartedIsTriedAgainLater) {
  AgentHerd herd = Herd(1);
  herd.Ended(0, 127, kStart);
  EXPECT_EQ(herd.Due(kStart + absl::Seconds(1)), Numbers({0}));
  EXPECT_EQ(herd.counts().started, 0U);
  herd.Started(0, kStart + absl::Seconds(1));
  EXPECT_EQ(herd.counts().restarted, 0U) << "nobody was there before";
}

TEST_F(AgentHerdTest, AfterTheEndNobodyIsDueAndWhoEndsDidNotDie) {
  AgentHerd herd = Herd(2, absl::Seconds(10));
  herd.Started(0, kStart);
  herd.End();
  herd.Ended(0, 0, kStart + absl::Seconds(1));
  EXPECT_EQ(herd.Due(kStart + absl::Hours(1)), Numbers());
  EXPECT_TRUE(herd.counts().deaths.empty());
  EXPECT_EQ(herd.counts().ends, (std::map<int, std::uint64_t>{{0, 1}}));
}

}  // namespace
}  // namespace flotilla::swarm
