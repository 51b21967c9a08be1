// The accept loop over real sockets of the loopback.

#include "controller/wire/accept_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "base/os_clock.h"

namespace flotilla::controller {
namespace {

struct Client {
  UniqueFd fd;
  std::string peer;  // as the server sees it
};

class AcceptLoopTest : public testing::Test {
 protected:
  void Start(const AdmissionOptions& options) {
    gate_.emplace(options, clock_);
    loop_ = AcceptLoop::Listen("127.0.0.1:0", *gate_).value();
    loop_->Run([this](UniqueFd fd, const std::string& /*peer*/) {
      const std::scoped_lock lock(mutex_);
      handed_.push_back(std::move(fd));
      changed_.notify_all();
    });
  }

  Client Connect() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(loop_->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &size);
    return {std::move(fd), absl::StrCat("ipv4:127.0.0.1:", ntohs(own.sin_port))};
  }

  // False when that many are not handed over in a long time.
  bool WaitForHanded(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return handed_.size() >= count; });
  }
  std::size_t handed() {
    const std::scoped_lock lock(mutex_);
    return handed_.size();
  }
  // Blocks until the peer closes the connection without a byte.
  static bool IsClosed(const Client& client) {
    char byte = 0;
    return ::recv(client.fd.get(), &byte, 1, 0) <= 0;
  }

  OsClock clock_;
  std::optional<AdmissionGate> gate_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<UniqueFd> handed_;
  std::unique_ptr<AcceptLoop> loop_;  // its thread uses all of the above
};

AdmissionOptions Options() {
  return ForMachine({}, 2, 4'000'000'000);
}

TEST_F(AcceptLoopTest, HandsConnectionsOverAsHandshakesEnd) {
  AdmissionOptions options = Options();
  options.handshakes_at_once = 2;
  Start(options);
  const Client first = Connect();
  const Client second = Connect();
  ASSERT_TRUE(WaitForHanded(2));
  const Client third = Connect();
  const Client fourth = Connect();
  gate_->OnSessionOpened(first.peer);
  ASSERT_TRUE(WaitForHanded(3));
  EXPECT_EQ(handed(), 3U);
  gate_->OnSessionOpened(second.peer);
  ASSERT_TRUE(WaitForHanded(4));
}

TEST_F(AcceptLoopTest, AHandshakeThatEndsWithoutASessionGivesItsPlaceToTheNext) {
  AdmissionOptions options = Options();
  options.handshakes_at_once = 2;
  options.shed_after = absl::Hours(1);
  Start(options);
  Client leaves = Connect();
  const Client fails = Connect();
  ASSERT_TRUE(WaitForHanded(2));
  const Client third = Connect();
  const Client fourth = Connect();
  leaves.fd.Reset();
  ASSERT_TRUE(WaitForHanded(3));
  {
    const std::scoped_lock lock(mutex_);
    ::shutdown(handed_[1].get(), SHUT_RDWR);  // as gRPC ends a handshake that failed
  }
  ASSERT_TRUE(WaitForHanded(4));
  EXPECT_EQ(gate_->counts().timed_out, 0U);
}

TEST_F(AcceptLoopTest, ClosesWhatIsOverTheRateOfItsSource) {
  AdmissionOptions options = Options();
  options.per_source_per_second = 0.001;
  Start(options);
  const Client refused = Connect();
  EXPECT_TRUE(IsClosed(refused));
  EXPECT_EQ(gate_->counts().over_source_rate, 1U);
}

TEST_F(AcceptLoopTest, ClosesWhoWaitsTooLong) {
  AdmissionOptions options = Options();
  options.handshakes_at_once = 1;
  options.shed_after = absl::Milliseconds(10);
  Start(options);
  const Client served = Connect();
  ASSERT_TRUE(WaitForHanded(1));
  const Client waiting = Connect();
  EXPECT_TRUE(IsClosed(waiting));
  EXPECT_EQ(gate_->counts().shed, 1U);
}

TEST_F(AcceptLoopTest, ClosesWhoStillWaitsWhenItStops) {
  AdmissionOptions options = Options();
  options.handshakes_at_once = 1;
  options.shed_after = absl::Hours(1);
  Start(options);
  const Client served = Connect();
  ASSERT_TRUE(WaitForHanded(1));
  const Client waiting = Connect();
  loop_->Stop();
  EXPECT_TRUE(IsClosed(waiting));
  EXPECT_EQ(handed(), 1U);
}

TEST_F(AcceptLoopTest, ATakenPortIsUnavailable) {
  Start(Options());
  AdmissionGate other(Options(), clock_);
  const auto again = AcceptLoop::Listen(absl::StrCat("127.0.0.1:", loop_->port()), other);
  EXPECT_EQ(again.status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(AcceptLoop::Listen("nonsense", other).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::controller
