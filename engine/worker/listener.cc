#include "engine/worker/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace flotilla::engine {
namespace {

using boost::system::error_code;

constexpr std::chrono::milliseconds kExhaustedPause{100};

StatusOr<int> SocketOption(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &length) != 0) {
    return ErrnoStatus(errno, "ask a listening socket");
  }
  return value;
}

bool WorthRetrying(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

}  // namespace

StatusOr<std::shared_ptr<Listener>> Listener::Make(boost::asio::io_context& io, UniqueFd socket,
                                                   Accepted accepted, Full full) {
  const StatusOr<int> listens = SocketOption(socket.get(), SO_ACCEPTCONN);
  const StatusOr<int> domain = SocketOption(socket.get(), SO_DOMAIN);
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (!listens.ok() || *listens == 0 || !domain.ok() || flags < 0 ||
      ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return FailedPrecondition("descriptor " + std::to_string(socket.get()) +
                              " is no listening socket");
  }
  return std::make_shared<Listener>(io, *domain, std::move(socket), std::move(accepted),
                                    std::move(full));
}

Listener::Listener(boost::asio::io_context& io, int domain, UniqueFd socket, Accepted accepted,
                   Full full)
    : io_(io),
      domain_(domain),
      socket_(io, socket.Release()),
      timer_(io),
      accepted_(std::move(accepted)),
      full_(std::move(full)) {}

void Listener::Resume() {
  if (waiting_ || !socket_.is_open() || full_()) {
    return;
  }
  waiting_ = true;
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const error_code& error) {
                       self->waiting_ = false;
                       if (!error) {
                         self->OnReadable();
                       }
                     });
}

void Listener::OnReadable() {
  if (!socket_.is_open()) {
    return;
  }
  if (AcceptAll() == Outcome::kEmpty) {
    Resume();
    return;
  }
  timer_.expires_after(kExhaustedPause);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) {
      self->Resume();
    }
  });
}

Listener::Outcome Listener::AcceptAll() {
  while (!full_()) {
    UniqueFd fd(::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd.valid()) {
      if (WorthRetrying(errno)) {
        continue;
      }
      return errno == EAGAIN ? Outcome::kEmpty : Outcome::kExhausted;
    }
    if (domain_ != AF_UNIX) {
      const int on = 1;
      static_cast<void>(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
    }
    error_code error;
    Connection::Socket socket(io_);
    socket.assign(boost::asio::generic::stream_protocol(domain_, 0), fd.get(), error);
    if (error.failed()) {
      return Outcome::kExhausted;
    }
    static_cast<void>(fd.Release());
    accepted_(std::move(socket));
  }
  return Outcome::kEmpty;
}

void Listener::Stop() {
  timer_.cancel();
  if (socket_.is_open()) {
    // Not close(): the socket lives on elsewhere, so the kernel would keep it in our epoll set.
    const UniqueFd closer(socket_.release());
  }
}

}  // namespace flotilla::engine
