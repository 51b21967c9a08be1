#include "agent/session/reconnect_policy.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "base/retry_after.h"
#include "tests/support/seeded_random.h"

namespace flotilla::agent {
namespace {

constexpr Duration kStart = absl::Seconds(1000);
constexpr Duration kLost = absl::Seconds(1120);
constexpr int kDevices = 2000;
Status Gone() {
  return Unavailable("the controller went away");
}

class ReconnectPolicyTest : public ::testing::Test {
 protected:
  // Of a device whose session was up for two minutes.
  ReconnectPolicy Up(Duration spread) {
    ReconnectPolicy policy(ReconnectOptions(), random_);
    policy.SetSpread(spread);
    policy.OnUp(kStart);
    return policy;
  }

  SeededRandom random_{7};
};

TEST_F(ReconnectPolicyTest, WhoFindsTheDoorClosedComesBackWithinTheSpreadThatHeWasTold) {
  const Duration spread = absl::Seconds(30);
  const Duration serving = kLost + absl::Seconds(20);
  Duration last;
  for (int i = 0; i < kDevices; ++i) {
    ReconnectPolicy policy = Up(spread);
    Duration at = kLost + policy.AfterLoss(Gone(), kLost);
    while (at < serving) {
      at += policy.AfterFailure(Gone(), at);
    }
    last = std::max(last, at - kLost);
  }
  EXPECT_LE(last, spread);
  EXPECT_GT(last, spread * 9 / 10);
}

TEST_F(ReconnectPolicyTest, WhoFindTheDoorClosedDoNotStandThereTogetherWhenItOpens) {
  const Duration serving = kLost + absl::Seconds(10);
  std::array<int, 60> tries{};  // by second
  for (int i = 0; i < kDevices; ++i) {
    ReconnectPolicy policy = Up(absl::Seconds(30));
    Duration at = kLost + policy.AfterLoss(Gone(), kLost);
    while (at < serving) {
      at += policy.AfterFailure(Gone(), at);
    }
    ++tries.at(static_cast<std::size_t>(absl::ToInt64Seconds(at - kLost)));
  }
  // Evenly spread over the twenty seconds that are left they are 100 a second.
  EXPECT_LE(*std::max_element(tries.begin(), tries.end()), 150);
}

TEST_F(ReconnectPolicyTest, AfterTheSpreadDelaysGrowFromASecond) {
  ReconnectPolicy policy = Up(absl::Seconds(30));
  policy.AfterLoss(Gone(), kLost);
  const Duration after = kLost + absl::Seconds(30);
  Duration ceiling = absl::Seconds(1);
  Duration longest;
  for (int i = 0; i < 30; ++i) {
    const Duration delay = policy.AfterFailure(Gone(), after);
    EXPECT_LE(delay, std::min(ceiling, absl::Seconds(300)));
    longest = std::max(longest, delay);
    ceiling *= 2;
  }
  EXPECT_GT(longest, absl::Seconds(150));
}

TEST_F(ReconnectPolicyTest, ADeviceThatWasNeverUpHasNoSpreadToWaitIn) {
  ReconnectPolicy policy(ReconnectOptions(), random_);
  policy.SetSpread(absl::Minutes(10));
  EXPECT_LE(policy.AfterFailure(Gone(), kStart), absl::Seconds(1));
}

TEST_F(ReconnectPolicyTest, ASpreadOfDaysIsTakenForAnHour) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(Up(absl::Hours(100)).AfterLoss(Gone(), kLost), absl::Hours(1));
  }
}

TEST_F(ReconnectPolicyTest, WaitsAtLeastAsLongAsItIsAskedTo) {
  const Status asks = WithRetryAfter(Unavailable("full"), absl::Seconds(40));
  Duration longest;
  for (int i = 0; i < 200; ++i) {
    ReconnectPolicy policy(ReconnectOptions(), random_);
    const Duration delay = policy.AfterFailure(asks, kStart);
    EXPECT_GE(delay, absl::Seconds(40));
    EXPECT_LE(delay, absl::Seconds(60));
    longest = std::max(longest, delay);
  }
  EXPECT_GT(longest, absl::Seconds(55));  // not all of them at once
}

TEST_F(ReconnectPolicyTest, WaitsForWhatIsAskedAfterALossToo) {
  const Status asks = WithRetryAfter(Unavailable("restarts"), absl::Seconds(3));
  for (int i = 0; i < 200; ++i) {
    const Duration delay = Up(absl::Seconds(30)).AfterLoss(asks, kLost);
    EXPECT_GE(delay, absl::Seconds(3));
    EXPECT_LE(delay, absl::Seconds(30));
  }
}

TEST_F(ReconnectPolicyTest, AHostileDelayIsBounded) {
  const Status asks = WithRetryAfterTrailer(Unavailable("never"), "9999999999999999");
  for (int i = 0; i < 200; ++i) {
    ReconnectPolicy policy(ReconnectOptions(), random_);
    EXPECT_LE(policy.AfterFailure(asks, kStart), absl::Seconds(450));
  }
}

TEST_F(ReconnectPolicyTest, ARefusedDeviceWaitsForTheLongerOfBoth) {
  const Status asks = WithRetryAfter(AlreadyExists("two machines"), absl::Seconds(290));
  EXPECT_GE(Up(absl::Seconds(5)).AfterLoss(asks, kLost), absl::Seconds(290));
  const Status brief = WithRetryAfter(AlreadyExists("two machines"), absl::Seconds(1));
  EXPECT_GE(Up(absl::Seconds(5)).AfterLoss(brief, kLost), absl::Seconds(150));
}

}  // namespace
}  // namespace flotilla::agent
