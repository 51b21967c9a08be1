#include "agent/engine/safe_mode_answers.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace flotilla::agent {
namespace {

constexpr std::size_t kMaxClients = 64;
constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10U;
constexpr int kReadsAtOnce = 16;
constexpr Duration kHeadTimeout = absl::Seconds(5);
// A client that still sends its body would lose the answer if the connection were closed at once.
constexpr Duration kLinger = absl::Seconds(2);
constexpr int kPollMs = 500;

const char* TextOf(v1::FailureReason cause) {
  switch (cause) {
    case v1::FAILURE_REASON_POLICY_REVOKED:
      return "the operators of this device have withdrawn the model (POLICY_REVOKED, 412)";
    case v1::FAILURE_REASON_POLICY_MAX_AGE:
      return "this device has heard nothing from its controller for longer than the model may "
             "serve "
             "without it (POLICY_MAX_AGE, 413)";
    default:
      return "no release of this device can run (safe mode): it waits for another one";
  }
}

std::string AnswerFor(v1::FailureReason cause) {
  const std::string body = absl::StrCat(R"({"error":{"code":503,"message":")", TextOf(cause),
                                        R"(","type":"unavailable_error"}})");
  return absl::StrCat(
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 30"
      "\r\nConnection: close\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body);
}

class Client {
 public:
  Client(UniqueFd fd, v1::FailureReason cause, Duration now)
      : fd_(std::move(fd)), cause_(cause), deadline_(now + kHeadTimeout) {}

  int fd() const { return fd_.get(); }

  // False: done with it.
  bool Read(Duration now) {
    std::array<char, 4096> buffer{};
    for (int i = 0; i < kReadsAtOnce; ++i) {
      const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got < 0) {
        return errno == EAGAIN || errno == EINTR;
      }
      if (got == 0) {
        Tell(now);
        return false;
      }
      Take({buffer.data(), static_cast<std::size_t>(got)}, now);
    }
    return true;
  }

  // False: it has had its time.
  bool Wait(Duration now) {
    if (now < deadline_) {
      return true;
    }
    Tell(now);
    return false;
  }

  void Tell(Duration now) {
    if (std::exchange(told_, true)) {
      return;
    }
    deadline_ = now + kLinger;
    // It fits into an empty send buffer; a client that is gone needs no answer.
    const std::string answer = AnswerFor(cause_);
    ::send(fd_.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(fd_.get(), SHUT_WR);
  }

 private:
  void Take(const std::string& text, Duration now) {
    if (told_) {
      return;
    }
    head_ += text;
    if (head_.size() > kMaxHeadBytes || head_.find("\r\n\r\n") != std::string::npos) {
      Tell(now);
    }
  }

  UniqueFd fd_;
  v1::FailureReason cause_;
  std::string head_;
  Duration deadline_;
  bool told_ = false;
};

void Accept(const Refusal& refusal, Duration now, std::vector<Client>& clients) {
  while (clients.size() < kMaxClients) {
    UniqueFd fd(::accept4(refusal.listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) {
      return;
    }
    clients.emplace_back(std::move(fd), refusal.cause, now);
  }
}

std::vector<pollfd> Watched(int wake, const std::vector<Refusal>& listeners,
                            const std::vector<Client>& clients) {
  std::vector<pollfd> watched = {{wake, POLLIN, 0}};
  for (const Client& client : clients) {
    watched.push_back({client.fd(), POLLIN, 0});
  }
  if (clients.size() < kMaxClients) {
    for (const Refusal& refusal : listeners) {
      watched.push_back({refusal.listener, POLLIN, 0});
    }
  }
  return watched;
}

}  // namespace

SafeModeAnswers::~SafeModeAnswers() {
  Stop();
}

Status SafeModeAnswers::Serve(const std::vector<Refusal>& listeners) {
  if (listeners == listeners_) {
    return OkStatus();
  }
  Stop();
  if (listeners.empty()) {
    return OkStatus();
  }
  wake_.Reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_.valid()) {
    return ErrnoStatus(errno, "eventfd");
  }
  listeners_ = listeners;
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return OkStatus();
}

void SafeModeAnswers::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    const std::uint64_t one = 1;
    // The counter of a fresh eventfd takes it.
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
    thread_.join();
  }
  listeners_.clear();
}

void SafeModeAnswers::Run(const std::stop_token& stop) const {
  std::vector<Client> clients;
  while (!stop.stop_requested()) {
    std::vector<pollfd> watched = Watched(wake_.get(), listeners_, clients);
    ::poll(watched.data(), watched.size(), clients.empty() ? -1 : kPollMs);
    const Duration now = clock_.Monotonic();
    std::vector<Client> kept;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const bool readable = watched[i + 1].revents != 0;
      if ((!readable || clients[i].Read(now)) && clients[i].Wait(now)) {
        kept.push_back(std::move(clients[i]));
      }
    }
    clients = std::move(kept);
    for (const Refusal& refusal : listeners_) {
      Accept(refusal, now, clients);
    }
  }
  for (Client& client : clients) {
    client.Tell(clock_.Monotonic());
  }
}

}  // namespace flotilla::agent
