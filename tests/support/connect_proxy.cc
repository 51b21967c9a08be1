#include "tests/support/connect_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstddef>
#include <cstdlib>

#include <iterator>
#include <utility>

namespace flotilla {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::size_t kMaxHead = 8192;
constexpr int kForbidden = 403;
constexpr int kWantsCredentials = 407;
constexpr int kBadGateway = 502;

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

sockaddr* Raw(sockaddr_in& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

bool SendAll(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t got = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (got <= 0) {
      return false;
    }
    sent += static_cast<std::size_t>(got);
  }
  return true;
}

// A client that says nothing holds the others up for a second.
std::string ReadHead(int fd) {
  const timeval wait{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  std::string head;
  char byte = 0;
  while (head.size() < kMaxHead && !head.ends_with("\r\n\r\n") && ::recv(fd, &byte, 1, 0) == 1) {
    head += byte;
  }
  return head;
}

std::string FirstLine(const std::string& head) {
  return head.substr(0, head.find('\r'));
}

// "name:port" of "CONNECT name:port HTTP/1.1"; empty: it is another method.
std::string TargetOf(const std::string& head) {
  const std::string method = "CONNECT ";
  return head.starts_with(method)
             ? head.substr(method.size(), head.find(' ', method.size()) - method.size())
             : std::string();
}

}  // namespace

ConnectProxy::ConnectProxy() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!Listen()) {
    std::abort();
  }
  thread_ = std::thread([this] { Run(); });
}

ConnectProxy::~ConnectProxy() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

bool ConnectProxy::Listen() {
  listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = Loopback(port_);
  socklen_t size = sizeof address;
  if (::bind(listener_.get(), Raw(address), size) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), Raw(address), &size) != 0) {
    return false;
  }
  port_ = ntohs(address.sin_port);
  return true;
}

std::string ConnectProxy::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void ConnectProxy::Know(const std::string& target, std::uint16_t port) {
  const std::scoped_lock lock(mutex_);
  known_[target] = port;
}

void ConnectProxy::Demand(const std::string& authorization) {
  const std::scoped_lock lock(mutex_);
  demanded_ = authorization;
}

void ConnectProxy::Refuse(int status) {
  const std::scoped_lock lock(mutex_);
  refuse_ = status;
  cut_ = status != 0;
  ::eventfd_write(wake_.get(), 1);
}

void ConnectProxy::Stay(bool here) {
  std::unique_lock lock(mutex_);
  wanted_ = here;
  cut_ = !here;
  ::eventfd_write(wake_.get(), 1);
  turned_.wait(lock, [&] { return here_ == here; });
}

std::vector<ConnectProxy::Tunnel> ConnectProxy::tunnels() const {
  const std::scoped_lock lock(mutex_);
  return tunnels_;
}

std::vector<std::string> ConnectProxy::refusals() const {
  const std::scoped_lock lock(mutex_);
  return refusals_;
}

void ConnectProxy::Run() {
  while (Turn()) {
    std::vector<pollfd> waiting = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Link& link : links_) {
      waiting.push_back({link.client.get(), POLLIN, 0});
      waiting.push_back({link.server.get(), POLLIN, 0});
    }
    ::poll(waiting.data(), waiting.size(), -1);
    std::size_t next = 2;
    for (auto link = links_.begin(); link != links_.end(); next += 2) {
      const int client = link->client.get();
      const int server = link->server.get();
      const bool alive = (waiting[next].revents == 0 || Carry(*link, client, server)) &&
                         (waiting[next + 1].revents == 0 || Carry(*link, server, client));
      link = alive ? std::next(link) : links_.erase(link);
    }
    if (waiting[1].revents != 0) {
      Accept();
    }
  }
}

bool ConnectProxy::Turn() {
  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
  const std::scoped_lock lock(mutex_);
  if (std::exchange(cut_, false)) {
    links_.clear();
  }
  if (!wanted_) {
    listener_.Reset();
  } else if (!listener_.valid() && !Listen()) {
    std::abort();
  }
  here_ = wanted_;
  turned_.notify_all();
  return !stop_;
}

void ConnectProxy::Accept() {
  UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const std::string head = ReadHead(client.get());
  UniqueFd server = Answer(client, head);
  if (server.valid()) {
    const std::scoped_lock lock(mutex_);
    tunnels_.push_back({TargetOf(head), head, ""});
    links_.push_back({std::move(client), std::move(server), tunnels_.size() - 1});
  }
}

UniqueFd ConnectProxy::Answer(const UniqueFd& client, const std::string& head) {
  std::unique_lock lock(mutex_);
  const auto place = known_.find(TargetOf(head));
  int status = refuse_;
  if (status == 0 && !demanded_.empty() &&
      head.find("Proxy-Authorization: " + demanded_ + "\r\n") == std::string::npos) {
    status = kWantsCredentials;
  }
  UniqueFd server;
  if (status == 0 && place == known_.end()) {
    status = kForbidden;
  } else if (status == 0) {
    server = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = Loopback(place->second);
    status = ::connect(server.get(), Raw(address), sizeof address) == 0 ? 0 : kBadGateway;
  }
  if (status == 0) {
    SendAll(client.get(), "HTTP/1.1 200 Connection established\r\n\r\n");
    return server;
  }
  refusals_.push_back(std::to_string(status) + " " + FirstLine(head));
  lock.unlock();
  SendAll(client.get(), "HTTP/1.1 " + std::to_string(status) +
                            " No\r\nProxy-Authenticate: Basic realm=\"test\"\r\n"
                            "Content-Length: 0\r\nConnection: close\r\n\r\n");
  return UniqueFd();
}

bool ConnectProxy::Carry(Link& link, int from, int to) {
  std::string piece(kPiece, '\0');
  const ssize_t got = ::recv(from, piece.data(), piece.size(), MSG_DONTWAIT);
  if (got <= 0) {
    return false;
  }
  piece.resize(static_cast<std::size_t>(got));
  if (to == link.server.get()) {
    const std::scoped_lock lock(mutex_);
    std::string& greeting = tunnels_[link.tunnel].greeting;
    if (greeting.empty()) {
      greeting = piece;
    }
  }
  return SendAll(to, piece);
}

}  // namespace flotilla
