// A listener and clients that do not behave, or that see what gRPC's clients hide.

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/grpc_frames.h"
#include "tests/integration/controller_wire/listener_world.h"

namespace flotilla::controller {
namespace {

using Counts = ListenerCalls::Counts;
using RawListenerTest = ListenerWorld;

constexpr Duration kBlink = absl::Milliseconds(200);

// Blocks until the peer closes.
bool IsClosed(const UniqueFd& fd) {
  char byte = 0;
  return ::recv(fd.get(), &byte, 1, 0) <= 0;
}

bool AllDone(const Counts& counts) {
  return counts.begun > 0 && counts.done == counts.begun;
}

TEST_F(RawListenerTest, ASilentConnectionIsClosed) {
  options_.times.handshake = kBlink;
  Start();
  EXPECT_TRUE(IsClosed(RawClient::Connect(listener_->port())));
}

TEST_F(RawListenerTest, ASlowHandshakeThatEndsInTimeIsKept) {
  options_.times.handshake = absl::Seconds(20);
  Start();
  RawClient client(listener_->port(), device_);
  EXPECT_TRUE(client.TalkUntil(
      [&] { return client.h2().remote_setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) == 8; }));
}

TEST_F(RawListenerTest, GarbageBehindTheHandshakeIsTheEnd) {
  Start();
  RawClient client(listener_->port(), device_);
  client.SayRaw("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: browser\r\n\r\n");
  EXPECT_TRUE(client.HearUntil([&] { return client.closed(); }));
  EXPECT_EQ(calls_.counts().begun, 0);
}

TEST_F(RawListenerTest, AClientThatDoesNotAnswerIsClosed) {
  options_.times.silence = kBlink;
  options_.times.answer = kBlink;
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  client.Say();
  EXPECT_TRUE(client.HearUntil([&] { return client.h2().pings() == 1; }));
  EXPECT_EQ(calls_.counts().cancelled, 0);
  EXPECT_TRUE(client.HearUntil([&] { return client.closed(); }));
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().cancelled, 1);
}

TEST_F(RawListenerTest, AClientThatAnswersStays) {
  options_.times.silence = kBlink;
  options_.times.answer = kBlink;
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  EXPECT_TRUE(client.TalkUntil([&] { return client.h2().pings() == 3; }));
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(calls_.counts().cancelled, 0);
}

TEST_F(RawListenerTest, AnOldConnectionIsToldToGoAndIsClosedAfterItsGrace) {
  options_.times.age = kBlink;
  options_.times.grace = absl::Seconds(3);
  Start();
  RawClient client(listener_->port(), device_);
  const std::int32_t id = client.h2().Request("/hold");
  ASSERT_TRUE(client.TalkUntil([&] { return client.h2().goaway().has_value(); }));
  EXPECT_EQ(client.h2().goaway()->last_stream, id);
  EXPECT_EQ(calls_.counts().cancelled, 0);
  EXPECT_TRUE(client.HearUntil([&] { return client.closed(); }));
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().cancelled, 1);
}

TEST_F(RawListenerTest, AnOldConnectionWithoutCallsIsClosed) {
  options_.times.age = kBlink;
  Start();
  RawClient client(listener_->port(), device_);
  EXPECT_TRUE(client.HearUntil([&] { return client.closed(); }));
}

TEST_F(RawListenerTest, AConnectionWithoutACallForAWhileIsClosed) {
  options_.times.idle = kBlink;
  Start();
  RawClient busy(listener_->port(), device_);
  busy.h2().Request("/hold");
  busy.Say();
  RawClient client(listener_->port(), device_);
  const std::int32_t id = client.h2().Request("/fail");
  ASSERT_TRUE(client.TalkUntil([&] { return client.h2().answer(id).closed.has_value(); }));
  EXPECT_TRUE(client.TalkUntil([&] { return client.closed(); }));
  ASSERT_TRUE(client.h2().goaway().has_value());
  EXPECT_EQ(calls_.counts().cancelled, 0);
  EXPECT_FALSE(busy.closed());
}

TEST_F(RawListenerTest, TellsItsThreadWhenConnectionsHaveEnded) {
  std::promise<void> told;
  std::atomic<int> times = 0;
  options_.threads = 1;
  options_.on_quiet = [&] {
    if (++times == 1) {
      told.set_value();
    }
  };
  Start();
  {
    RawClient client(listener_->port(), device_);
    client.h2().Request("/hold");
    client.Say();
    ASSERT_TRUE(calls_.Await([](const Counts& counts) { return counts.begun == 1; }));
    EXPECT_EQ(times, 0);
    client.Vanish();
  }
  EXPECT_EQ(told.get_future().wait_for(kLongWait), std::future_status::ready);
}

TEST_F(RawListenerTest, AClientThatVanishesCancelsItsCalls) {
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  client.h2().Request("/forever");
  client.Say();
  ASSERT_TRUE(calls_.Await([](const Counts& counts) { return counts.begun == 2; }));
  client.Vanish();
  EXPECT_TRUE(calls_.Await(AllDone));
  EXPECT_EQ(calls_.counts().cancelled, 2);
}

TEST_F(RawListenerTest, TooManyPingsEndTheConnection) {
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  for (int i = 0; i < 6; ++i) {
    client.h2().Ping();
  }
  client.Say();
  EXPECT_TRUE(client.HearUntil([&] { return client.closed(); }));
  ASSERT_TRUE(client.h2().goaway().has_value());
  EXPECT_EQ(client.h2().goaway()->text, "too_many_pings");
  EXPECT_TRUE(calls_.Await(AllDone));
}

// Its window is as large as can be, and it does not read from its socket.
TEST_F(RawListenerTest, ASlowReaderHoldsUpNobodyAndNothingGrows) {
  Start();
  RawClient slow(listener_->port(), device_, 0x7fffffff);
  slow.h2().Request("/forever");
  slow.Say();
  slow.SayRaw(H2Frame(NGHTTP2_WINDOW_UPDATE, 0, 0, "\x3f\xff\xff\xff"));
  RawClient other(listener_->port(), device_);
  const std::int32_t echo = other.h2().Request("/echo");
  std::string sent;
  int before = -1;
  int turns = 0;
  // Until nothing was written in ten turns of the other.
  for (int quiet = 0; quiet < 10 && turns < 2000; ++turns) {
    other.h2().Send(echo, GrpcFrame("hello"));
    sent += GrpcFrame("hello");
    ASSERT_TRUE(other.TalkUntil([&] { return other.h2().answer(echo).body == sent; }));
    other.h2().Consume(echo);
    quiet = calls_.written() == before ? quiet + 1 : 0;
    before = calls_.written();
  }
  EXPECT_LT(turns, 2000);
  // What the kernel takes of both sockets, and no more.
  EXPECT_LT(calls_.written(), 32 * 16);
}

TEST_F(RawListenerTest, StopLetsACallEndWithinItsGrace) {
  Start();
  RawClient client(listener_->port(), device_);
  const std::int32_t id = client.h2().Request("/echo");
  client.Say();
  ASSERT_TRUE(calls_.Await([](const Counts& counts) { return counts.begun == 1; }));
  auto stopped = std::async(std::launch::async, [&] { listener_->Stop(absl::Hours(1)); });
  ASSERT_TRUE(client.TalkUntil([&] { return client.h2().goaway().has_value(); }));
  EXPECT_FALSE(RawClient::Connect(listener_->port()).valid());
  client.h2().Send(id, GrpcFrame("still here"));
  client.h2().End(id);
  EXPECT_TRUE(client.TalkUntil([&] { return client.h2().answer(id).closed.has_value(); }));
  EXPECT_EQ(client.h2().answer(id).body, GrpcFrame("still here"));
  EXPECT_EQ(client.h2().answer(id).fields["grpc-status"], "0");
  stopped.get();
  EXPECT_EQ(calls_.counts().cancelled, 0);
  EXPECT_EQ(calls_.counts().done, 1);
}

TEST_F(RawListenerTest, StopCancelsACallAfterItsGrace) {
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  client.Say();
  ASSERT_TRUE(calls_.Await([](const Counts& counts) { return counts.begun == 1; }));
  listener_->Stop(absl::Milliseconds(50));
  EXPECT_EQ(calls_.counts().cancelled, 1);
  EXPECT_EQ(calls_.counts().done, 1);
  EXPECT_TRUE(client.HearUntil([&] { return client.closed(); }));
  listener_->Stop(absl::Hours(1));
}

TEST_F(RawListenerTest, StopReturnsWhenTheLastUserIsDone) {
  std::promise<void> in_done;
  std::promise<void> go_on;
  calls_.set_on_done([&] {
    in_done.set_value();
    go_on.get_future().wait();
  });
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  client.Say();
  ASSERT_TRUE(calls_.Await([](const Counts& counts) { return counts.begun == 1; }));
  auto stopped = std::async(std::launch::async, [&] { listener_->Stop(absl::ZeroDuration()); });
  in_done.get_future().wait();
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  go_on.set_value();
  stopped.get();
  EXPECT_EQ(calls_.counts().done, 1);
}

TEST_F(RawListenerTest, StopWaitsForACallThatIsBeginning) {
  std::promise<void> in_begin;
  std::promise<void> go_on;
  calls_.set_on_begin([&] {
    in_begin.set_value();
    go_on.get_future().wait();
  });
  Start();
  RawClient client(listener_->port(), device_);
  client.h2().Request("/hold");
  client.Say();
  in_begin.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { listener_->Stop(absl::ZeroDuration()); });
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  go_on.set_value();
  stopped.get();
  EXPECT_EQ(calls_.counts().done, 1);
}

}  // namespace
}  // namespace flotilla::controller
