#include "security/http_tunnel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

#include <openssl/crypto.h>
#include "absl/strings/str_cat.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::size_t kMaxHeadBytes = 8192;

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// With the empty line at its end; shorter: the proxy ended it, or what it says is too long.
std::string ReadHead(int fd) {
  std::string head;
  while (head.size() < kMaxHeadBytes && !head.ends_with(kEndOfHead)) {
    char byte = 0;  // one at a time: what follows is the target's
    const ssize_t got = ::recv(fd, &byte, 1, 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    head += byte;
  }
  return head;
}

}  // namespace

StatusOr<int> AnswerStatus(std::string_view head) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kAt = 9;  // behind "HTTP/1.1 "
  constexpr std::size_t kDigits = 3;
  const bool formed = head.starts_with(kVersion) && head.size() > kAt + kDigits &&
                      head[kAt - 1] == ' ' && head.ends_with(kEndOfHead) &&
                      (head[kAt + kDigits] == ' ' || head[kAt + kDigits] == '\r');
  int status = 0;
  for (std::size_t i = kAt; formed && i < kAt + kDigits; ++i) {
    if (head[i] < '0' || head[i] > '9') {
      return DataLoss("no status in the answer");
    }
    status = status * 10 + (head[i] - '0');
  }
  return formed ? StatusOr<int>(status) : DataLoss("no answer of HTTP/1");
}

Status OpenTunnel(int fd, const HttpProxy& proxy, const std::string& target) {
  const Secret authorization = proxy.Authorization();
  std::string request = absl::StrCat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n");
  if (!authorization.empty()) {
    request.append("Proxy-Authorization: ").append(authorization.view()).append("\r\n");
  }
  request += "\r\n";
  const bool asked = SendAll(fd, request);
  OPENSSL_cleanse(request.data(), request.size());
  if (!asked) {
    return proxy.Away("it ended the connection");
  }
  const StatusOr<int> status = AnswerStatus(ReadHead(fd));
  if (!status.ok()) {
    return proxy.Away(MessageOf(status.status()));
  }
  return *status / 100 == 2 ? OkStatus() : proxy.Refused(*status, target);
}

}  // namespace flotilla::security
