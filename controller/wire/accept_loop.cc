#include "controller/wire/accept_loop.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/log.h"

namespace flotilla::controller {
namespace {

constexpr int kBacklog = 4096;
constexpr Duration kLongestWait = absl::Seconds(1);
constexpr int kOutOfFilesMillis = 100;
constexpr int kEvents = 64;

struct Peer {
  std::string source;  // the address alone
  std::string name;    // as gRPC's ServerContext::peer() has it
};

Peer NameOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), absl::StrCat("ipv4:", text.data(), ":", ntohs(v4.sin_port))};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
    return {text.data(), absl::StrCat("ipv4:", text.data(), ":", ntohs(v6.sin6_port))};
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return {text.data(), absl::StrCat("ipv6:%5B", text.data(), "%5D:", ntohs(v6.sin6_port))};
}

StatusOr<UniqueFd> Bind(const addrinfo& at) {
  UniqueFd fd(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) {
    return ErrnoStatus(errno, "socket");
  }
  const int on = 1;
  // A restart takes its port from connections that are still closing.
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ai_family == AF_INET6) {
    const int off = 0;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (::bind(fd.get(), at.ai_addr, at.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return Unavailable(absl::StrCat("bind: ", MessageOf(ErrnoStatus(errno, "listen"))));
  }
  return fd;
}

Status AddTo(int epoll, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? OkStatus()
                                                            : ErrnoStatus(errno, "epoll_ctl");
}

StatusOr<std::uint16_t> PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return ErrnoStatus(errno, "getsockname");
  }
  return ntohs(address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                            : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
}

}  // namespace

StatusOr<std::unique_ptr<AcceptLoop>> AcceptLoop::Listen(const std::string& address,
                                                         AdmissionGate& gate) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return InvalidArgument(absl::StrCat(address, " is no address:port"));
  }
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (failed != 0) {
    return InvalidArgument(absl::StrCat(address, ": ", gai_strerror(failed)));
  }
  auto bound = Bind(*found);
  freeaddrinfo(found);
  if (!bound.ok()) {
    return Annotate(bound.status(), absl::StrCat("cannot listen on ", address));
  }
  UniqueFd wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.valid()) {
    return ErrnoStatus(errno, "eventfd");
  }
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) {
    return ErrnoStatus(errno, "epoll_create1");
  }
  FLOTILLA_RETURN_IF_ERROR(AddTo(epoll.get(), bound->get(), EPOLLIN));
  FLOTILLA_RETURN_IF_ERROR(AddTo(epoll.get(), wake.get(), EPOLLIN));
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint16_t port, PortOf(bound->get()));
  return std::unique_ptr<AcceptLoop>(
      new AcceptLoop(*std::move(bound), std::move(wake), std::move(epoll), port, gate));
}

AcceptLoop::AcceptLoop(UniqueFd listener, UniqueFd wake, UniqueFd epoll, std::uint16_t port,
                       AdmissionGate& gate)
    : listener_(std::move(listener)),
      wake_(std::move(wake)),
      epoll_(std::move(epoll)),
      port_(port),
      gate_(gate) {
  gate_.SetWake([fd = wake_.get()] { eventfd_write(fd, 1); });
}

AcceptLoop::~AcceptLoop() {
  Stop();
  gate_.SetWake(nullptr);
}

void AcceptLoop::Run(HandOver hand_over) {
  thread_ = std::thread([this, hand_over = std::move(hand_over)] { Work(hand_over); });
}

void AcceptLoop::Stop() {
  if (!thread_.joinable()) {
    return;
  }
  stopping_ = true;
  eventfd_write(wake_.get(), 1);
  thread_.join();
  for (const int fd : gate_.Abandon()) {
    const UniqueFd closed(fd);
  }
  listener_.Reset();
}

int AcceptLoop::WaitMillis() const {
  const Duration wait = std::min(gate_.UntilDue(), kLongestWait);
  return static_cast<int>(absl::ToInt64Milliseconds(wait)) + 1;
}

void AcceptLoop::Work(const HandOver& hand_over) {
  std::array<epoll_event, kEvents> events{};
  while (!stopping_) {
    if (std::exchange(out_of_files_, false)) {
      // The listener stays ready: nothing is looked at for a moment.
      ::poll(nullptr, 0, kOutOfFilesMillis);
    }
    const int ready = ::epoll_wait(epoll_.get(), events.data(), kEvents, WaitMillis());
    for (int i = 0; i < ready; ++i) {
      OnEnded(events.at(static_cast<std::size_t>(i)).data.fd);
    }
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
    AcceptAll();
    ForgetOver();
    TakeTurn(hand_over);
  }
}

void AcceptLoop::AcceptAll() {
  while (true) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd fd(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.valid()) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        out_of_files_ = true;
        LogError("listener.cannot_accept",
                 {{"text", MessageOf(ErrnoStatus(errno, "accept"))}, {"see", "LimitNOFILE="}});
      } else if (errno == ECONNABORTED || errno == EINTR) {
        continue;
      }
      return;
    }
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const Peer peer = NameOf(address);
    if (gate_.Arrive(fd.get(), peer.source, peer.name) == AdmissionQueue::Arrival::kQueued) {
      waiting_[fd.get()] = peer.name;
      (void)fd.Release();  // the queue's ticket
    }
  }
}

void AcceptLoop::TakeTurn(const HandOver& hand_over) {
  const AdmissionQueue::Turn turn = gate_.Next();
  for (const int fd : turn.shed) {
    waiting_.erase(fd);
    const UniqueFd closed(fd);
  }
  for (const int fd : turn.begin) {
    const auto found = waiting_.extract(fd);
    const std::string peer = found.empty() ? std::string() : found.mapped();
    Watch(fd, peer);
    hand_over(UniqueFd(fd), peer);
  }
}

void AcceptLoop::Watch(int fd, const std::string& peer) {
  UniqueFd second(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!second.valid() || !AddTo(epoll_.get(), second.get(), EPOLLRDHUP).ok()) {
    return;  // its place is free again after the limit of a handshake
  }
  const int key = second.get();
  watched_[key] = {std::move(second), peer};
}

void AcceptLoop::OnEnded(int fd) {
  const auto found = watched_.find(fd);
  if (found != watched_.end()) {
    gate_.OnHandshakeEnded(found->second.peer);
  }
}

void AcceptLoop::ForgetOver() {
  std::erase_if(watched_, [this](const auto& entry) {
    if (gate_.IsUnderWay(entry.second.peer)) {
      return false;
    }
    // Closing it would not do: the other descriptor keeps the connection in the set.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, entry.first, nullptr);
    return true;
  });
}

}  // namespace flotilla::controller
