#include "tests/support/http_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace flotilla::test {
namespace {

constexpr int kBacklog = 128;

template <typename Address>
int CallWith(int (*function)(int, const sockaddr*, socklen_t), int fd, const Address& address) {
  return function(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

StatusOr<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return InvalidArgument("too long for a Unix socket: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

UniqueFd NewSocket(int domain) {
  UniqueFd fd(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{30, 0};
  static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
  return fd;
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

StatusOr<HttpClient> HttpClient::ConnectTcp(std::uint16_t port) {
  UniqueFd fd = NewSocket(AF_INET);
  if (CallWith(::connect, fd.get(), Loopback(port)) != 0) {
    return ErrnoStatus(errno, "connect to port " + std::to_string(port));
  }
  return HttpClient(std::move(fd));
}

StatusOr<HttpClient> HttpClient::ConnectUnix(const std::string& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(path));
  UniqueFd fd = NewSocket(AF_UNIX);
  if (CallWith(::connect, fd.get(), address) != 0) {
    return ErrnoStatus(errno, "connect to " + path);
  }
  return HttpClient(std::move(fd));
}

StatusOr<HttpAnswer> HttpClient::Exchange(const std::string& method, const std::string& path,
                                          const std::string& body, const std::string& headers) {
  FLOTILLA_RETURN_IF_ERROR(SendRequest(method, path, body, headers));
  return ReadAnswer();
}

Status HttpClient::SendRequest(const std::string& method, const std::string& path,
                               const std::string& body, const std::string& headers) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return SendText(text + "\r\n" + body);
}

Status HttpClient::SendText(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t sent =
        ::send(socket_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (sent < 0) {
      return Unavailable(std::string("send: ") + MessageOf(ErrnoStatus(errno, "send")));
    }
    done += static_cast<std::size_t>(sent);
  }
  return OkStatus();
}

StatusOr<std::string> HttpClient::ReadSome() {
  std::array<char, std::size_t{16} * 1024> buffer{};
  const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) {
    return errno == EAGAIN ? DeadlineExceeded("no bytes came")
                           : Unavailable(MessageOf(ErrnoStatus(errno, "receive")));
  }
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

Status HttpClient::Fill() {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string bytes, ReadSome());
  if (bytes.empty()) {
    return Unavailable("the connection ended inside an answer");
  }
  input_ += bytes;
  return OkStatus();
}

StatusOr<std::string> HttpClient::TakeLine() {
  std::size_t end = std::string::npos;
  while ((end = input_.find("\r\n")) == std::string::npos) {
    FLOTILLA_RETURN_IF_ERROR(Fill());
  }
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 2);
  return line;
}

StatusOr<std::string> HttpClient::TakeBytes(std::size_t count) {
  while (input_.size() < count) {
    FLOTILLA_RETURN_IF_ERROR(Fill());
  }
  std::string bytes = input_.substr(0, count);
  input_.erase(0, count);
  return bytes;
}

StatusOr<std::string> HttpClient::TakeChunks() {
  std::string body;
  for (;;) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string size, TakeLine());
    const std::size_t count = std::strtoul(size.c_str(), nullptr, 16);
    FLOTILLA_ASSIGN_OR_RETURN(const std::string chunk, TakeBytes(count + 2));
    if (count == 0) {
      return body;
    }
    body += chunk.substr(0, count);
  }
}

StatusOr<HttpAnswer> HttpClient::ReadAnswer() {
  HttpAnswer answer;
  do {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string head, TakeLine());
    // "HTTP/1.1 200 OK"
    answer.status = 0;
    if (head.size() > 9) {
      std::from_chars(head.data() + 9, head.data() + head.size(), answer.status);
    }
    for (;;) {
      FLOTILLA_ASSIGN_OR_RETURN(const std::string line, TakeLine());
      if (line.empty()) {
        break;
      }
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) {
        answer.headers[LowerCase(line.substr(0, colon))] = line.substr(colon + 2);
      }
    }
  } while (answer.status == 100);
  const auto length = answer.headers.find("content-length");
  if (answer.headers["transfer-encoding"] == "chunked") {
    FLOTILLA_ASSIGN_OR_RETURN(answer.body, TakeChunks());
  } else if (length != answer.headers.end()) {
    const std::size_t count = std::strtoul(length->second.c_str(), nullptr, 10);
    FLOTILLA_ASSIGN_OR_RETURN(answer.body, TakeBytes(count));
  }
  return answer;
}

StatusOr<std::pair<UniqueFd, std::uint16_t>> ListenTcp() {
  UniqueFd fd = NewSocket(AF_INET);
  sockaddr_in bound = Loopback(0);
  socklen_t length = sizeof(bound);
  if (CallWith(::bind, fd.get(), bound) != 0 || ::listen(fd.get(), kBacklog) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
    return ErrnoStatus(errno, "listen on the loopback");
  }
  return std::pair(std::move(fd), static_cast<std::uint16_t>(ntohs(bound.sin_port)));
}

StatusOr<UniqueFd> ListenUnix(const std::string& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(path));
  UniqueFd fd = NewSocket(AF_UNIX);
  if (CallWith(::bind, fd.get(), address) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, "listen on " + path);
  }
  return fd;
}

}  // namespace flotilla::test
