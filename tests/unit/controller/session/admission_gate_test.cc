#include "controller/session/admission_gate.h"

#include <gtest/gtest.h>

#include "tests/support/fake_executor.h"

namespace flotilla::controller {
namespace {

class AdmissionGateTest : public testing::Test {
 protected:
  static AdmissionOptions OneAtOnce() {
    AdmissionOptions options;
    options.handshakes_at_once = 1;
    options.max_sessions = 10;
    return options;
  }

  FakeExecutor clock_;
  AdmissionGate gate_{OneAtOnce(), clock_};
};

TEST_F(AdmissionGateTest, WakesTheAcceptorWhenASessionOpensAndSomebodyWaits) {
  int woken = 0;
  gate_.SetWake([&] { ++woken; });
  gate_.Arrive(1, "a", "ipv4:a:1");
  gate_.Next();
  gate_.OnSessionOpened("ipv4:a:1");
  EXPECT_EQ(woken, 0) << "nobody waits";
  gate_.Arrive(2, "a", "ipv4:a:2");
  gate_.Next();
  gate_.Arrive(3, "a", "ipv4:a:3");
  gate_.OnSessionOpened("ipv4:a:2");
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(gate_.Next().begin, std::vector<int>{3});
  EXPECT_EQ(gate_.sessions(), 2U);
}

TEST_F(AdmissionGateTest, HoldsNoPlaceForAConnectionThatCallsAndNeverHasASession) {
  int woken = 0;
  gate_.SetWake([&] { ++woken; });
  gate_.Arrive(1, "a", "ipv4:a:1");
  gate_.Next();
  gate_.Arrive(2, "a", "ipv4:a:2");
  EXPECT_TRUE(gate_.Next().begin.empty());
  gate_.OnCall("ipv4:a:1");
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(gate_.Next().begin, std::vector<int>{2});
  EXPECT_EQ(gate_.sessions(), 0U);
}

TEST_F(AdmissionGateTest, SaysHowLongUntilTheFirstIsShed) {
  EXPECT_EQ(gate_.UntilDue(), absl::InfiniteDuration());
  gate_.Arrive(1, "a", "ipv4:a:1");
  gate_.Arrive(2, "a", "ipv4:a:2");
  gate_.Next();
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(gate_.UntilDue(), absl::Seconds(5));
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(gate_.Next().shed, std::vector<int>{2});
}

}  // namespace
}  // namespace flotilla::controller
