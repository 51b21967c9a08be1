#include "controller/session/read_gate.h"

#include <vector>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

class ReadGateTest : public ::testing::Test {
 protected:
  void Hold(int who) {
    gate_.Hold([this, who] { read_.push_back(who); });
  }

  ReadGate gate_;
  std::vector<int> read_;
};

TEST_F(ReadGateTest, IsOpenAtFirst) {
  EXPECT_TRUE(gate_.open());
}

TEST_F(ReadGateTest, LetsThoseGoThatWaitLongestAndOpensForAllWhenNobodyWaits) {
  gate_.Close();
  for (const int who : {1, 2, 3}) {
    Hold(who);
  }
  gate_.Release(2);
  EXPECT_EQ(read_, (std::vector<int>{1, 2}));
  EXPECT_FALSE(gate_.open());
  gate_.Release(2);
  EXPECT_EQ(read_, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(gate_.open());
}

TEST_F(ReadGateTest, WhoIsHeldAgainWhileOthersAreLetGoWaitsForTheNextTime) {
  gate_.Close();
  gate_.Hold([this] { Hold(1); });
  gate_.Release(1);
  EXPECT_TRUE(read_.empty());
  EXPECT_EQ(gate_.held(), 1U);
}

}  // namespace
}  // namespace flotilla::controller
