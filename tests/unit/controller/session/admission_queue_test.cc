#include "controller/session/admission_queue.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace flotilla::controller {
namespace {

using Arrival = AdmissionQueue::Arrival;
using Tickets = std::vector<AdmissionQueue::Ticket>;

constexpr Duration kStart = absl::Seconds(50);

AdmissionOptions TwoAtOnce() {
  AdmissionOptions options;
  options.handshakes_at_once = 2;
  options.per_source_per_second = 0;
  options.max_sessions = 100;
  return options;
}

class AdmissionQueueTest : public testing::Test {
 protected:
  Arrival Arrive(int ticket, Duration now = kStart, const std::string& source = "10.0.0.1") {
    return queue_.Arrive(ticket, source, absl::StrCat("ipv4:", source, ":", ticket), now);
  }
  void Opened(int ticket) { queue_.OnOpened(absl::StrCat("ipv4:10.0.0.1:", ticket)); }

  AdmissionQueue queue_{TwoAtOnce()};
};

TEST_F(AdmissionQueueTest, BeginsSoManyHandshakesAtOnceOldestFirst) {
  for (int ticket = 1; ticket <= 4; ++ticket) {
    EXPECT_EQ(Arrive(ticket), Arrival::kQueued);
  }
  EXPECT_EQ(queue_.Next(kStart).begin, (Tickets{1, 2}));
  EXPECT_TRUE(queue_.Next(kStart).begin.empty());
  Opened(2);
  EXPECT_EQ(queue_.Next(kStart).begin, Tickets{3});
  EXPECT_EQ(queue_.waiting(), 1U);
}

TEST_F(AdmissionQueueTest, CountsAHandshakeAsOverAfterItsLimit) {
  Arrive(1);
  Arrive(2);
  queue_.Next(kStart);
  Arrive(3, kStart + absl::Seconds(15));
  EXPECT_TRUE(queue_.Next(kStart + absl::Seconds(19)).begin.empty());
  EXPECT_EQ(queue_.next_due(), kStart + absl::Seconds(20));
  EXPECT_EQ(queue_.Next(kStart + absl::Seconds(20)).begin, Tickets{3});
  EXPECT_EQ(queue_.counts().timed_out, 2U);
}

TEST_F(AdmissionQueueTest, ShedsWhoWaitedTooLong) {
  for (int ticket = 1; ticket <= 3; ++ticket) {
    Arrive(ticket);
  }
  queue_.Next(kStart);
  EXPECT_EQ(queue_.next_due(), kStart + absl::Seconds(8));
  EXPECT_TRUE(queue_.Next(kStart + absl::Seconds(7)).shed.empty());
  EXPECT_EQ(queue_.Next(kStart + absl::Seconds(8)).shed, Tickets{3});
  EXPECT_EQ(queue_.waiting(), 0U);
}

TEST_F(AdmissionQueueTest, AConnectionThatEndedCountsOnceThoughItsPortComesBack) {
  Arrive(1);
  queue_.Next(kStart);
  Opened(1);
  Arrive(1, kStart + absl::Seconds(19));
  queue_.Next(kStart + absl::Seconds(19));
  queue_.Next(kStart + absl::Seconds(20));
  EXPECT_EQ(queue_.handshakes(), 1U) << "the second one is not over with the first one's limit";
  EXPECT_EQ(queue_.counts().timed_out, 0U);
}

TEST_F(AdmissionQueueTest, ClosesWhatIsOverTheSessionCap) {
  AdmissionOptions options = TwoAtOnce();
  options.max_sessions = 3;
  AdmissionQueue queue(options);
  EXPECT_EQ(queue.Arrive(1, "a", "a:1", kStart), Arrival::kQueued);
  queue.Next(kStart);
  queue.OnOpened("a:1");
  queue.OnSessionOpened();
  EXPECT_EQ(queue.Arrive(2, "a", "a:2", kStart), Arrival::kQueued);
  EXPECT_EQ(queue.Arrive(3, "a", "a:3", kStart), Arrival::kQueued);
  EXPECT_EQ(queue.Arrive(4, "a", "a:4", kStart), Arrival::kOverSessionCap);
  queue.OnSessionEnded();
  EXPECT_EQ(queue.Arrive(5, "a", "a:5", kStart), Arrival::kQueued);
  EXPECT_EQ(queue.counts().over_session_cap, 1U);
}

TEST_F(AdmissionQueueTest, LimitsNewConnectionsOfOneSourceAlone) {
  AdmissionOptions options = TwoAtOnce();
  options.per_source_per_second = 3;
  AdmissionQueue queue(options);
  int queued = 0;
  for (int i = 0; i < 10; ++i) {
    queued += queue.Arrive(i, "a", absl::StrCat("a:", i), kStart) == Arrival::kQueued ? 1 : 0;
  }
  EXPECT_EQ(queued, 3);
  EXPECT_EQ(queue.Arrive(20, "b", "b:1", kStart), Arrival::kQueued);
  EXPECT_EQ(queue.Arrive(21, "a", "a:21", kStart + absl::Seconds(1)), Arrival::kQueued);
  EXPECT_EQ(queue.counts().over_source_rate, 7U);
}

TEST_F(AdmissionQueueTest, KeepsServingWhoComesInAStormOfThousands) {
  // 5,000 come at once; a handshake takes 1 ms of the machine, two at a time.
  AdmissionOptions options = TwoAtOnce();
  options.max_sessions = 100000;
  AdmissionQueue queue(options);
  for (int i = 0; i < 5000; ++i) {
    queue.Arrive(i, "a", absl::StrCat("a:", i), kStart);
  }
  std::size_t begun = 0;
  std::size_t shed = 0;
  for (Duration now = kStart; now < kStart + absl::Seconds(20); now += absl::Milliseconds(1)) {
    const AdmissionQueue::Turn turn = queue.Next(now);
    begun += turn.begin.size();
    shed += turn.shed.size();
    for (const int ticket : turn.begin) {
      queue.OnOpened(absl::StrCat("a:", ticket));
    }
  }
  EXPECT_EQ(begun, 5000U);
  EXPECT_EQ(shed, 0U);
}

TEST_F(AdmissionQueueTest, AbandonsEverybodyAtTheEnd) {
  Arrive(1);
  Arrive(2);
  EXPECT_EQ(queue_.Abandon(), (Tickets{1, 2}));
  EXPECT_EQ(queue_.waiting(), 0U);
}

TEST(ForMachine, GivesHandshakesByCoreAndSessionsByMemory) {
  const AdmissionOptions options = ForMachine({}, 4, 4'800'000'000);
  EXPECT_EQ(options.handshakes_at_once, 128U);
  EXPECT_EQ(options.max_sessions, 30000U);
  EXPECT_EQ(SessionsThatFit(1000), 100U);
  AdmissionOptions set;
  set.handshakes_at_once = 7;
  set.max_sessions = 9;
  EXPECT_EQ(ForMachine(set, 4, 4'800'000'000).handshakes_at_once, 7U);
  EXPECT_EQ(ForMachine(set, 4, 4'800'000'000).max_sessions, 9U);
}

}  // namespace
}  // namespace flotilla::controller
