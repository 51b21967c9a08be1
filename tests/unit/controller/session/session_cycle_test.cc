#include "controller/session/session_cycle.h"

#include <string>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

TEST(SessionCycle, IsTheLabelInSeconds) {
  v1::Device device;
  EXPECT_FALSE(SessionCycleOf(device).has_value());
  (*device.mutable_facts()->mutable_labels())["session-every"] = "900";
  EXPECT_EQ(SessionCycleOf(device), absl::Minutes(15));
}

TEST(SessionCycle, IsNoneForWhatNoAgentSays) {
  for (const char* text :
       {"", "0", "59", "86401", "-900", "+900", " 900", "15m", "9e2", "99999999999"}) {
    EXPECT_FALSE(ParseSessionEvery(text).has_value()) << text;
  }
  EXPECT_EQ(ParseSessionEvery("60"), absl::Minutes(1));
  EXPECT_EQ(ParseSessionEvery("86400"), absl::Hours(24));
}

}  // namespace
}  // namespace flotilla::controller
