#include "controller/session/heartbeat_inbox.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/asio_executor.h"
#include "tests/support/fake_executor.h"

namespace flotilla::controller {
namespace {

class HeartbeatInboxTest : public ::testing::Test {
 protected:
  void Open(Duration interval) {
    inbox_.emplace(interval, loop_,
                   [this](const Heartbeat& heard) { heard_.push_back(heard.device_id); });
  }

  FakeExecutor loop_;
  std::vector<std::string> heard_;
  std::optional<HeartbeatInbox> inbox_;
};

TEST_F(HeartbeatInboxTest, TakesAllOfAHoldInTheOrderTheyCame) {
  Open(absl::Minutes(1));
  inbox_->Put({"b", nullptr});
  loop_.Advance(absl::Milliseconds(200));
  inbox_->Put({"a", nullptr});
  EXPECT_TRUE(heard_.empty());
  loop_.Advance(absl::Milliseconds(50));
  EXPECT_EQ(heard_, (std::vector<std::string>{"b", "a"}));
}

TEST_F(HeartbeatInboxTest, HoldsAnewForWhatComesAfter) {
  Open(absl::Minutes(1));
  inbox_->Put({"a", nullptr});
  loop_.Advance(absl::Seconds(5));
  inbox_->Put({"a", nullptr});
  EXPECT_EQ(heard_.size(), 1U);
  loop_.Advance(absl::Milliseconds(250));
  EXPECT_EQ(heard_.size(), 2U);
}

TEST_F(HeartbeatInboxTest, HoldsATwentiethOfAShortInterval) {
  Open(absl::Seconds(1));
  inbox_->Put({"a", nullptr});
  loop_.Advance(absl::Milliseconds(50));
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_F(HeartbeatInboxTest, TakesNothingOnceItIsGone) {
  Open(absl::Minutes(1));
  inbox_->Put({"a", nullptr});
  inbox_.reset();
  loop_.Advance(absl::Minutes(1));
  EXPECT_TRUE(heard_.empty());
}

TEST(HeartbeatInbox, LosesNoneThatManyThreadsPut) {
  constexpr int kThreads = 4;
  constexpr int kEach = 1000;
  AsioExecutor loop;
  int heard = 0;  // the loop's
  HeartbeatInbox inbox(absl::Milliseconds(20), loop, [&](const Heartbeat&) {
    if (++heard == kThreads * kEach) {
      loop.Stop();
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&inbox] {
      for (int k = 0; k < kEach; ++k) {
        inbox.Put({"d", nullptr});
      }
    });
  }
  loop.Run();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(heard, kThreads * kEach);
}

}  // namespace
}  // namespace flotilla::controller
