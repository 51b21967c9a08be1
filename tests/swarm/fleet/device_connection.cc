#include "tests/swarm/fleet/device_connection.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <utility>

namespace flotilla::swarm {
namespace {

constexpr char kSessionMethod[] = "/flotilla.v1.DeviceService/Session";
constexpr std::size_t kReadBytes = std::size_t{16} * 1024;

}  // namespace

void DeviceConnection::Open() {
  Close();
  ++opened_;
  DialOptions dial;
  dial.context = plan_.context;
  dial.to = &(*plan_.to)[(index_ + opened_) % plan_.to->size()];
  dial.host = plan_.host;
  dial.source_ipv4 = source_ipv4_;
  dial.identity = &identity_;
  dial.resume = plan_.resume ? session_.get() : nullptr;
  auto socket = TlsSocket::Dial(dial);
  auto call = H2Call::Start(plan_.authority, kSessionMethod);
  if (!socket.ok() || !call.ok()) {
    failure_ = socket.ok() ? call.status() : socket.status();
    return;
  }
  socket_ = *std::move(socket);
  call_ = *std::move(call);
  watched_ = TlsSocket::Wants::kUnspecified;
  Watch();
}

void DeviceConnection::Watch() {
  const TlsSocket::Wants wants = socket_->wants();
  if (wants == watched_) {
    return;
  }
  epoll_event event{};
  event.events = EPOLLIN;
  if (wants == TlsSocket::Wants::kReadAndWrite) {
    event.events |= EPOLLOUT;
  }
  event.data.u64 = index_;
  const int how = watched_ == TlsSocket::Wants::kUnspecified ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(plan_.epoll_fd, how, socket_->fd(), &event) != 0) {
    failure_ = ErrnoStatus(errno, "epoll_ctl");
  }
  watched_ = wants;
}

void DeviceConnection::Send(const v1::SessionRequest& message) {
  if (call_ != nullptr) {
    call_->Send(message.SerializeAsString());
  }
}

void DeviceConnection::Close() {
  if (socket_ != nullptr && plan_.resume) {
    if (SslSessionPtr session = socket_->TakeSession(); session != nullptr) {
      session_ = std::move(session);
    }
  }
  socket_.reset();  // closing the descriptor takes it out of the epoll set
  call_.reset();
}

Status DeviceConnection::Flush() {
  if (socket_ == nullptr) {
    return OkStatus();
  }
  if (socket_->ready()) {
    FLOTILLA_RETURN_IF_ERROR(call_->TakeOutput(socket_->output()));
    FLOTILLA_RETURN_IF_ERROR(socket_->Drive());
  }
  Watch();
  return OkStatus();
}

Status DeviceConnection::OnReady(
    const std::function<void(const v1::SessionResponse&)>& on_message) {
  if (socket_ == nullptr) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(socket_->Drive());
  if (socket_->ready()) {
    const std::uint64_t opened = opened_;
    FLOTILLA_RETURN_IF_ERROR(ReadAll(on_message));
    if (socket_ == nullptr || opened != opened_) {
      return OkStatus();
    }
  }
  return Flush();
}

Status DeviceConnection::ReadAll(
    const std::function<void(const v1::SessionResponse&)>& on_message) {
  const std::uint64_t opened = opened_;
  std::array<std::uint8_t, kReadBytes> buffer;
  while (socket_ != nullptr && opened == opened_) {
    const StatusOr<std::size_t> got = socket_->Read(buffer);
    if (!got.ok()) {
      // The trailers may have come just before the end.
      return call_->ended().has_value() ? *call_->ended() : got.status();
    }
    if (*got == 0) {
      return OkStatus();
    }
    FLOTILLA_RETURN_IF_ERROR(call_->Receive({buffer.data(), *got}));
    FLOTILLA_RETURN_IF_ERROR(Deliver(on_message));
  }
  return OkStatus();
}

Status DeviceConnection::Deliver(
    const std::function<void(const v1::SessionResponse&)>& on_message) {
  const std::uint64_t opened = opened_;
  for (const std::string& text : call_->TakeMessages()) {
    v1::SessionResponse message;
    if (!message.ParseFromString(text)) {
      return InvalidArgument("a message that is no SessionResponse");
    }
    on_message(message);
    if (socket_ == nullptr || opened != opened_) {
      return OkStatus();
    }
  }
  if (call_->ended().has_value()) {
    return call_->ended()->ok() ? Unavailable("the server ended the session") : *call_->ended();
  }
  return OkStatus();
}

}  // namespace flotilla::swarm
