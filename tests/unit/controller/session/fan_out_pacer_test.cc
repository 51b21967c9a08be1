#include "controller/session/fan_out_pacer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

namespace flotilla::controller {
namespace {

constexpr Duration kStart = absl::Seconds(50);

DesiredFrame Frame(std::uint64_t generation) {
  return {generation, std::make_shared<const std::string>("assignments")};
}

class FanOutPacerTest : public testing::Test {
 protected:
  void PutMany(int devices, Duration now) {
    for (int i = 0; i < devices; ++i) {
      pacer_.Put(absl::StrCat("d", i), Frame(1), now);
    }
  }
  // Follows NextDue for so long; how many were sent in each 100 ms from kStart on.
  std::vector<std::size_t> Follow(Duration time) {
    std::vector<std::size_t> sent(static_cast<std::size_t>(time / absl::Milliseconds(100)));
    Duration now = kStart;
    while (true) {
      const auto due = pacer_.NextDue(now);
      if (!due.has_value() || *due >= kStart + time) {
        return sent;
      }
      now = *due;
      sent.at(static_cast<std::size_t>((now - kStart) / absl::Milliseconds(100))) +=
          pacer_.Due(now).size();
    }
  }

  FanOutPacer pacer_{FanOutOptions()};
};

TEST_F(FanOutPacerTest, HoldsAChangeForAMomentSoThatTheNextIsSentWithIt) {
  pacer_.Put("d1", Frame(1), kStart);
  EXPECT_TRUE(pacer_.Due(kStart + absl::Milliseconds(60)).empty());
  pacer_.Put("d1", Frame(2), kStart + absl::Milliseconds(60));
  EXPECT_EQ(pacer_.waiting(), 1U);
  EXPECT_EQ(pacer_.NextDue(kStart + absl::Milliseconds(60)), kStart + absl::Milliseconds(100));
  const auto sent = pacer_.Due(kStart + absl::Milliseconds(100));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].second.generation, 2U);
  EXPECT_FALSE(pacer_.NextDue(kStart + absl::Milliseconds(100)).has_value());
}

TEST_F(FanOutPacerTest, AChangeThatFollowsChangesIsNotPutOffForEver) {
  for (int i = 0; i < 9; ++i) {
    pacer_.Put("d1", Frame(static_cast<std::uint64_t>(i)), kStart + absl::Milliseconds(10) * i);
  }
  EXPECT_EQ(pacer_.Due(kStart + absl::Milliseconds(100)).size(), 1U);
}

TEST_F(FanOutPacerTest, TellsTwoThousandASecondEvenly) {
  PutMany(10'000, kStart);
  const std::vector<std::size_t> sent = Follow(absl::Seconds(6));
  EXPECT_EQ(sent[0], 0U);
  std::size_t all = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_LE(sent[i], 200U) << i;
    all += sent[i];
  }
  EXPECT_EQ(all, 10'000U);
  EXPECT_GT(sent[49], 0U);  // not much sooner than in five seconds
  EXPECT_EQ(pacer_.waiting(), 0U);
}

TEST_F(FanOutPacerTest, KeepsTheOrderInWhichTheyCame) {
  pacer_.Put("b", Frame(1), kStart);
  pacer_.Put("a", Frame(1), kStart);
  pacer_.Put("b", Frame(2), kStart);
  const auto sent = pacer_.Due(kStart + absl::Seconds(1));
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].first, "b");
  EXPECT_EQ(sent[1].first, "a");
}

TEST_F(FanOutPacerTest, WhoWasToldOtherwiseCostsNoTurn) {
  PutMany(150, kStart);
  for (int i = 0; i < 100; ++i) {
    pacer_.Drop(absl::StrCat("d", i));
  }
  EXPECT_EQ(pacer_.waiting(), 50U);
  EXPECT_FALSE(pacer_.Waits("d0"));
  EXPECT_TRUE(pacer_.Waits("d120"));
  EXPECT_EQ(pacer_.Due(kStart + absl::Milliseconds(100)).size(), 50U);
  EXPECT_EQ(pacer_.waiting(), 0U);
}

TEST_F(FanOutPacerTest, ALateTimerDoesNotMakeUpForTheTimeItLost) {
  PutMany(1000, kStart);
  EXPECT_EQ(pacer_.Due(kStart + absl::Seconds(3)).size(), 100U);
}

}  // namespace
}  // namespace flotilla::controller
