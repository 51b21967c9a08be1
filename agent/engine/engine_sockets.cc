#include "agent/engine/engine_sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace flotilla::agent {
namespace {

constexpr int kBacklog = 1024;

struct AddrInfoFree {
  void operator()(addrinfo* info) const { freeaddrinfo(info); }
};

std::filesystem::path SocketPath(const std::filesystem::path& run_dir, const std::string& line) {
  return run_dir / (line + ".sock");
}

StatusOr<std::string> EndpointOf(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(fd, generic, &length) != 0) {
    return ErrnoStatus(errno, "getsockname");
  }
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(generic, length, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return Internal("the endpoint has no name");
  }
  const std::string name = host.data();
  const bool is_v6 = name.find(':') != std::string::npos;
  return (is_v6 ? "[" + name + "]" : name) + ":" + port.data();
}

StatusOr<UniqueFd> Listen(const addrinfo& info, const std::string& text) {
  UniqueFd fd(::socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) {
    return ErrnoStatus(errno, "socket");
  }
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(fd.get(), info.ai_addr, info.ai_addrlen) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, "listen on " + text);
  }
  return fd;
}

}  // namespace

EngineSockets::EngineSockets(UniqueFd tcp, std::string endpoint, std::filesystem::path run_dir)
    : tcp_(std::move(tcp)), endpoint_(std::move(endpoint)), run_dir_(std::move(run_dir)) {}

StatusOr<std::unique_ptr<EngineSockets>> EngineSockets::Open(const std::string& listen,
                                                             std::filesystem::path run_dir) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return InvalidArgument("listen: '" + listen + "' is not address:port");
  }
  std::string host = listen.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  const int error = ::getaddrinfo(host.c_str(), listen.substr(colon + 1).c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, AddrInfoFree> info(raw);
  if (error != 0) {
    return InvalidArgument("listen: '" + listen + "': " + gai_strerror(error));
  }
  FLOTILLA_ASSIGN_OR_RETURN(UniqueFd fd, Listen(*info, listen));
  FLOTILLA_ASSIGN_OR_RETURN(std::string endpoint, EndpointOf(fd.get()));
  return std::unique_ptr<EngineSockets>(
      new EngineSockets(std::move(fd), std::move(endpoint), std::move(run_dir)));
}

StatusOr<int> EngineSockets::LineFd(const std::string& line) {
  if (const auto known = lines_.find(line); known != lines_.end()) {
    return known->second.get();
  }
  const std::string path = SocketPath(run_dir_, line).string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return InvalidArgument("the path of the state folder is too long for a socket: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) {
    return ErrnoStatus(errno, "socket");
  }
  ::unlink(path.c_str());  // of an agent before this one
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, "listen on " + path);
  }
  const int result = fd.get();
  lines_[line] = std::move(fd);
  return result;
}

std::map<std::string, std::string> EngineSockets::Paths() const {
  std::map<std::string, std::string> paths;
  for (const auto& [line, fd] : lines_) {
    paths[line] = SocketPath(run_dir_, line).string();
  }
  return paths;
}

}  // namespace flotilla::agent
