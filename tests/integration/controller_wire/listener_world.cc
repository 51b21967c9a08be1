#include "tests/integration/controller_wire/listener_world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include <openssl/ssl.h>

#include "absl/strings/numbers.h"
#include "base/retry_after.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kForeverBytes = std::size_t{64} * 1024;

void AwaitInput(int fd) {
  pollfd look{fd, POLLIN, 0};
  ::poll(&look, 1, 20);
}

UniqueFd NonBlocking(UniqueFd fd) {
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  return fd;
}

}  // namespace

class ListenerCalls::User final : public DeviceCallUser {
 public:
  User(ListenerCalls& calls, std::string method, std::shared_ptr<DeviceCall> call)
      : calls_(calls), method_(std::move(method)), call_(std::move(call)) {}

  void Begin() {
    if (method_ == "/echo" || method_ == "/size") {
      call_->Read();
    } else if (method_ == "/forever") {
      OnWritten();
    } else if (method_ == "/fail") {
      End(WithRetryAfter(WithReasonNumber(Unavailable("50% \xc3\xa4"), 12), absl::Seconds(3)));
    }
  }

  void OnMessage(std::string_view message) override {
    EXPECT_FALSE(gone_);
    if (method_ == "/echo") {
      call_->Write({std::string(message), nullptr});
      return;
    }
    std::size_t size = 0;
    EXPECT_TRUE(absl::SimpleAtoi(absl::string_view(message.data(), message.size()), &size))
        << message;
    call_->Write({std::string(size / 2, 'o'),
                  std::make_shared<const std::string>(std::string(size - size / 2, 's'))});
    End(OkStatus());
  }
  void OnEndOfMessages() override {
    EXPECT_FALSE(gone_);
    End(OkStatus());
  }
  void OnWritten() override {
    EXPECT_FALSE(gone_);
    if (method_ == "/echo") {
      call_->Read();
    } else if (method_ == "/forever") {
      ++calls_.written_;
      call_->Write({std::string(kForeverBytes, 'f'), nullptr});
    }
  }
  void OnCancelled() override {
    EXPECT_FALSE(std::exchange(gone_, true));
    calls_.Note(&Counts::cancelled);
    End(Cancelled("the client left"));
  }
  void OnDone() override {
    EXPECT_TRUE(ended_);
    if (calls_.on_done_) {
      calls_.on_done_();
    }
    calls_.Note(&Counts::done);
  }

 private:
  void End(const Status& status) {
    if (!std::exchange(ended_, true)) {
      call_->Finish(status);
    }
  }

  ListenerCalls& calls_;
  const std::string method_;
  const std::shared_ptr<DeviceCall> call_;
  bool ended_ = false;
  bool gone_ = false;
};

std::shared_ptr<DeviceCallUser> ListenerCalls::Begin(const CallHead& head,
                                                     std::shared_ptr<DeviceCall> call) {
  static const std::set<std::string> paths = {"/echo", "/size", "/fail", "/hold", "/forever"};
  if (!paths.contains(head.method)) {
    return nullptr;
  }
  if (on_begin_) {
    on_begin_();
  }
  {
    const std::lock_guard lock(mutex_);
    last_head_ = head;
    threads_.insert(std::this_thread::get_id());
  }
  auto user = std::make_shared<User>(*this, head.method, std::move(call));
  user->Begin();
  Note(&Counts::begun);
  return user;
}

void ListenerCalls::Note(int Counts::*what) {
  const std::lock_guard lock(mutex_);
  ++(counts_.*what);
  changed_.notify_all();
}

bool ListenerCalls::Await(const std::function<bool(const Counts&)>& condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kLongWait, [&] { return condition(counts_); });
}

ListenerCalls::Counts ListenerCalls::counts() {
  const std::lock_guard lock(mutex_);
  return counts_;
}

CallHead ListenerCalls::last_head() {
  const std::lock_guard lock(mutex_);
  return last_head_;
}

std::size_t ListenerCalls::threads() {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

ListenerWorld::ListenerWorld() : gate_(ForMachine({}, 2, 4'000'000'000), clock_) {
  (void)signal(SIGPIPE, SIG_IGN);  // as the controller does
  const security::TlsIdentityPem server = security::ServerIdentity(authority_);
  options_.address = "127.0.0.1:0";
  options_.tls = {server.chain, server.key, authority_.cert_pem()};
  options_.threads = 1;
}

void ListenerWorld::Start() {
  listener_ = DeviceListener::Start(options_, gate_, calls_, clock_).value();
}

UniqueFd RawClient::Connect(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    fd.Reset();
  }
  return fd;
}

RawClient::RawClient(std::uint16_t port, const security::TlsIdentityPem& identity,
                     std::uint32_t window)
    : tls_(NonBlocking(Connect(port)), {.identity = identity}), h2_(window) {
  const auto until = std::chrono::steady_clock::now() + kLongWait;
  int done = tls_.Drive();
  for (; done == 0 && std::chrono::steady_clock::now() < until; done = tls_.Drive()) {
    AwaitInput(tls_.fd());
  }
  EXPECT_EQ(done, 1);
}

void RawClient::Hear() {
  h2_.Receive(tls_.Read());
  char byte = 0;
  const ssize_t left = ::recv(tls_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  closed_ = left == 0 || (left < 0 && errno != EAGAIN);
}

bool RawClient::TalkUntil(const std::function<bool()>& condition) {
  return HearUntil([&] {
    if (const std::string said = h2_.Output(); !said.empty() && !closed_) {
      tls_.Write(said);
    }
    return condition();
  });
}

bool RawClient::HearUntil(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kLongWait;
  while (!condition()) {
    if (closed_ || std::chrono::steady_clock::now() > until) {
      return false;
    }
    AwaitInput(tls_.fd());
    Hear();
  }
  return true;
}

}  // namespace flotilla::controller
