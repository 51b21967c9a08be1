#include "engine/api/control_channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace flotilla::engine {
namespace {

constexpr std::size_t kAncillaryBytes = CMSG_SPACE(sizeof(int) * ControlChannel::kMaxDescriptors);

Status Closed() {
  return Unavailable("the other end of the control channel is closed");
}

// Gives what arrived beside a message an owner at once, so that no way out leaks it.
std::vector<UniqueFd> TakeDescriptors(msghdr& header) {
  std::vector<UniqueFd> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

int PollMillis(Duration timeout) {
  if (timeout == absl::InfiniteDuration()) {
    return -1;
  }
  // Rounded up, so that a short wait does not spin.
  const std::int64_t millis = absl::ToInt64Milliseconds(timeout + absl::Microseconds(999));
  return static_cast<int>(std::clamp<std::int64_t>(millis, 0, std::numeric_limits<int>::max()));
}

}  // namespace

StatusOr<std::pair<ControlChannel, ControlChannel>> ControlChannel::Pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return ErrnoStatus(errno, "make a control channel");
  }
  return std::pair(ControlChannel(UniqueFd(ends[0])), ControlChannel(UniqueFd(ends[1])));
}

StatusOr<ControlChannel> ControlChannel::Adopt(UniqueFd socket) {
  int type = 0;
  socklen_t length = sizeof(type);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &length) != 0 ||
      type != SOCK_SEQPACKET) {
    return FailedPrecondition("descriptor " + std::to_string(socket.get()) +
                              " is no control channel");
  }
  if (::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0) {
    return ErrnoStatus(errno, "adopt a control channel");
  }
  return ControlChannel(std::move(socket));
}

Status ControlChannel::Send(const google::protobuf::MessageLite& message,
                            std::span<const int> descriptors) const {
  std::string payload;
  if (!message.SerializeToString(&payload) || payload.empty() ||
      payload.size() > kMaxMessageBytes || descriptors.size() > kMaxDescriptors) {
    return InvalidArgument("a control message of " + std::to_string(payload.size()) +
                           " bytes and " + std::to_string(descriptors.size()) +
                           " descriptors is not allowed");
  }
  iovec part{payload.data(), payload.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, kAncillaryBytes> ancillary{};
  if (!descriptors.empty()) {
    header.msg_control = ancillary.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  while (::sendmsg(socket_.get(), &header, MSG_NOSIGNAL) < 0) {
    if (errno == EPIPE || errno == ECONNRESET) {
      return Closed();
    }
    if (errno != EINTR) {
      return ErrnoStatus(errno, "send a control message");
    }
  }
  return OkStatus();
}

StatusOr<ControlMessage> ControlChannel::Receive(Duration timeout) const {
  pollfd waiting{socket_.get(), POLLIN, 0};
  const int ready = ::poll(&waiting, 1, PollMillis(timeout));
  if (ready == 0 || (ready < 0 && errno == EINTR)) {
    return DeadlineExceeded("no control message yet");
  }
  if (ready < 0) {
    return ErrnoStatus(errno, "wait for a control message");
  }
  ControlMessage message;
  message.payload.resize(kMaxMessageBytes);
  iovec part{message.payload.data(), message.payload.size()};
  alignas(cmsghdr) std::array<char, kAncillaryBytes> ancillary{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = ancillary.data();
  header.msg_controllen = ancillary.size();
  const ssize_t got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) {
      return DeadlineExceeded("no control message yet");
    }
    return errno == ECONNRESET ? Closed() : ErrnoStatus(errno, "receive a control message");
  }
  message.descriptors = TakeDescriptors(header);
  if (got == 0) {
    return Closed();
  }
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return DataLoss("a control message was larger than the limits");
  }
  message.payload.resize(static_cast<std::size_t>(got));
  return message;
}

}  // namespace flotilla::engine
