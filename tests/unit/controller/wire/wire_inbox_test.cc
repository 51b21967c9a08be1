#include "controller/wire/wire_inbox.h"

#include <poll.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

namespace flotilla::controller {
namespace {

using Ending = WireInbox::Ending;

bool IsReadable(const WireInbox& inbox) {
  pollfd look{inbox.fd(), POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

WireOrder Order(const std::string& text) {
  return {nullptr, WireOrder::Kind::kWrite, {text, nullptr}, {}};
}

std::shared_ptr<WireInbox> NewInbox() {
  return WireInbox::Create().value();
}

TEST(WireInbox, GivesWhatWaitsInOrderAndOnce) {
  const auto inbox = NewInbox();
  inbox->Put(Order("a"));
  inbox->Put(WireArrival{UniqueFd(), "peer"});
  inbox->Put(Order("b"));
  WireInbox::Batch batch = inbox->Take(true);
  ASSERT_EQ(batch.orders.size(), 2U);
  EXPECT_EQ(batch.orders[0].message.own, "a");
  EXPECT_EQ(batch.orders[1].message.own, "b");
  ASSERT_EQ(batch.arrivals.size(), 1U);
  EXPECT_EQ(batch.arrivals[0].peer, "peer");
  EXPECT_EQ(batch.ending, Ending::kNot);
  batch = inbox->Take(true);
  EXPECT_TRUE(batch.orders.empty());
  EXPECT_TRUE(batch.arrivals.empty());
}

TEST(WireInbox, WakesOnlyAThreadThatSleeps) {
  const auto inbox = NewInbox();
  inbox->Put(Order("before it ever slept"));
  EXPECT_FALSE(IsReadable(*inbox));
  inbox->Take(true);  // there was something: it is to look again
  inbox->Put(Order("x"));
  EXPECT_FALSE(IsReadable(*inbox));
  inbox->Take(true);
  inbox->Take(true);  // nothing: it sleeps now
  EXPECT_FALSE(IsReadable(*inbox));
  inbox->Put(Order("y"));
  inbox->Put(Order("z"));
  EXPECT_TRUE(IsReadable(*inbox));
  EXPECT_EQ(inbox->Take(true).orders.size(), 2U);
  EXPECT_FALSE(IsReadable(*inbox));
}

TEST(WireInbox, DoesNotWakeAThreadThatIsAwake) {
  const auto inbox = NewInbox();
  inbox->Take(false);
  inbox->Put(Order("x"));
  EXPECT_FALSE(IsReadable(*inbox));
  inbox->Take(true);
  inbox->Take(true);
  inbox->OnAwake();
  inbox->Put(Order("y"));
  EXPECT_FALSE(IsReadable(*inbox));
  EXPECT_EQ(inbox->Take(true).orders.size(), 1U);
}

TEST(WireInbox, ArrivalsAndEndingsWakeToo) {
  const auto inbox = NewInbox();
  inbox->Take(true);
  inbox->Put(WireArrival{UniqueFd(), "peer"});
  EXPECT_TRUE(IsReadable(*inbox));
  inbox->Take(true);
  inbox->Take(true);
  inbox->Put(Ending::kGoAway);
  EXPECT_TRUE(IsReadable(*inbox));
}

TEST(WireInbox, AnEndingStaysAndOnlyGrows) {
  const auto inbox = NewInbox();
  inbox->Put(Ending::kCloseAll);
  inbox->Put(Ending::kGoAway);
  EXPECT_EQ(inbox->Take(true).ending, Ending::kCloseAll);
  EXPECT_EQ(inbox->Take(true).ending, Ending::kCloseAll);
  inbox->Put(Ending::kStop);
  EXPECT_EQ(inbox->Take(true).ending, Ending::kStop);
}

TEST(WireInbox, WaitsUntilNoCallIsOpen) {
  const auto inbox = NewInbox();
  EXPECT_FALSE(inbox->AwaitNoCalls(absl::ZeroDuration())) << "one may be about to begin";
  inbox->OnGoneAway();
  EXPECT_TRUE(inbox->AwaitNoCalls(absl::ZeroDuration()));
  inbox->OnCallBegun();
  inbox->OnCallBegun();
  EXPECT_FALSE(inbox->AwaitNoCalls(absl::ZeroDuration()));
  inbox->OnCallEnded();
  EXPECT_FALSE(inbox->AwaitNoCalls(absl::Milliseconds(1)));
  std::thread ends([&] { inbox->OnCallEnded(); });
  EXPECT_TRUE(inbox->AwaitNoCalls(absl::InfiniteDuration()));
  ends.join();
}

// Sleeps as a thread of connections does, and misses nothing.
TEST(WireInbox, LosesNoOrderOfManyThreads) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kOrders = 5000;
  const auto inbox = NewInbox();
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&inbox, t] {
      for (std::size_t i = 0; i < kOrders; ++i) {
        inbox->Put(Order(absl::StrCat(t, " ", i)));
      }
    });
  }
  std::vector<std::size_t> next(kThreads);
  for (std::size_t taken = 0; taken < kThreads * kOrders;) {
    const WireInbox::Batch batch = inbox->Take(true);
    for (const WireOrder& order : batch.orders) {
      const auto thread = static_cast<std::size_t>(order.message.own.front() - '0');
      EXPECT_EQ(order.message.own, absl::StrCat(thread, " ", next.at(thread)++));
    }
    taken += batch.orders.size();
    if (batch.orders.empty()) {
      pollfd look{inbox->fd(), POLLIN, 0};
      ASSERT_EQ(::poll(&look, 1, 20'000), 1) << "asleep with orders waiting";
      inbox->OnAwake();
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace flotilla::controller
