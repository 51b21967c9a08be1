#include "tests/support/cutting_proxy.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

#include <algorithm>
#include <utility>
#include <vector>

namespace flotilla {
namespace {

sockaddr_un AddressOf(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  return address;
}

const sockaddr* Raw(const sockaddr_un& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

void SendAll(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t got = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (got <= 0) {
      return;  // it ended; the other side learns of it when it reads
    }
    sent += static_cast<std::size_t>(got);
  }
}

}  // namespace

CuttingProxy::CuttingProxy(const std::filesystem::path& server_socket)
    : server_socket_(server_socket),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  const sockaddr_un address = AddressOf(folder_.path() / server_socket.filename());
  if (::bind(listener_.get(), Raw(address), sizeof address) != 0 ||
      ::listen(listener_.get(), 8) != 0) {
    std::abort();
  }
  thread_ = std::thread([this] { Run(); });
}

CuttingProxy::~CuttingProxy() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void CuttingProxy::CutAfter(Side side, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  cut_side_ = side;
  cut_after_ = bytes;
}

void CuttingProxy::HoldBack(const std::string& text, const std::string& release) {
  const std::lock_guard lock(mutex_);
  hold_text_ = text;
  release_text_ = release;
}

void CuttingProxy::Refuse(bool refuse) {
  refuse_ = refuse;
}

std::uint64_t CuttingProxy::carried(Side side) const {
  const std::lock_guard lock(mutex_);
  return carried_.at(static_cast<std::size_t>(side));
}

void CuttingProxy::Run() {
  while (true) {
    std::vector<pollfd> waiting = {{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Link& link : links_) {
      waiting.push_back({link.client.get(), POLLIN, 0});  // a descriptor of -1 is passed over
      waiting.push_back({link.server.get(), POLLIN, 0});
    }
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[0].revents != 0) {
      return;
    }
    std::size_t next = 2;
    for (auto link = links_.begin(); link != links_.end(); next += 2) {
      const bool alive = (waiting[next].revents == 0 || Carry(*link, Side::kToServer)) &&
                         (waiting[next + 1].revents == 0 || Carry(*link, Side::kToClient));
      link = alive ? std::next(link) : links_.erase(link);
    }
    if (waiting[1].revents != 0) {
      Accept();
    }
  }
}

void CuttingProxy::Accept() {
  Link link;
  link.client = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  link.server = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = AddressOf(server_socket_);
  if (!refuse_ && ::connect(link.server.get(), Raw(address), sizeof address) == 0) {
    links_.push_back(std::move(link));
  }
}

bool CuttingProxy::Carry(Link& link, Side side) {
  std::string piece(std::size_t{64} * 1024, '\0');
  const int from = side == Side::kToServer ? link.client.get() : link.server.get();
  const ssize_t got = ::recv(from, piece.data(), piece.size(), MSG_DONTWAIT);
  if (got <= 0) {
    return false;
  }
  piece.resize(static_cast<std::size_t>(got));
  return Deliver(link, side, piece);
}

bool CuttingProxy::Deliver(Link& link, Side side, const std::string& piece) {
  std::unique_lock lock(mutex_);
  carried_.at(static_cast<std::size_t>(side)) += piece.size();
  if (side == Side::kToServer && !hold_text_.empty() &&
      piece.find(hold_text_) != std::string::npos) {
    hold_text_.clear();
    link.held = piece;
    link.client.Reset();
    ++cuts_;
    return true;
  }
  std::size_t size = piece.size();
  if (cut_side_ == side) {
    size = std::min<std::size_t>(size, cut_after_);
    cut_after_ -= size;
  }
  const bool cut = size < piece.size();
  if (cut) {
    cut_side_ = Side::kUnspecified;
    ++cuts_;
  }
  const bool release = side == Side::kToServer && !release_text_.empty() &&
                       piece.find(release_text_) != std::string::npos;
  lock.unlock();
  SendAll(side == Side::kToServer ? link.server.get() : link.client.get(), piece.substr(0, size));
  if (release) {
    Release();
  }
  return !cut;
}

void CuttingProxy::Release() {
  for (Link& link : links_) {
    if (!link.held.empty()) {
      SendAll(link.server.get(), std::exchange(link.held, {}));
      ::shutdown(link.server.get(), SHUT_WR);
    }
  }
}

}  // namespace flotilla
