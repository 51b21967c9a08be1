#include "tests/support/scripted_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace flotilla {

bool HttpPeer::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string RequestedPath(const std::string& head) {
  constexpr std::string_view kGet = "GET ";
  const std::size_t end = head.find(' ', kGet.size());
  return head.starts_with(kGet) ? head.substr(kGet.size(), end - kGet.size()) : std::string();
}

ScriptedHttpServer::ScriptedHttpServer(Answer answer)
    : ScriptedHttpServer(
          [answer = std::move(answer)](const std::string& head, const HttpPeer& peer) {
            peer.Send(answer(head));
          }) {}

ScriptedHttpServer::ScriptedHttpServer(Script script)
    : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), raw, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
      ::getsockname(listener_.get(), raw, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

ScriptedHttpServer::~ScriptedHttpServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

std::string ScriptedHttpServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/";
}

void ScriptedHttpServer::Serve() {
  while (true) {
    const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.valid()) {
      return;
    }
    std::string head;
    std::array<char, 4096> buffer{};
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t count = ::recv(client.get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        break;
      }
      head.append(buffer.data(), static_cast<std::size_t>(count));
    }
    script_(head, HttpPeer(client.get()));
    ::shutdown(client.get(), SHUT_WR);
  }
}

}  // namespace flotilla
