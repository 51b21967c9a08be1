#include "controller/app/listeners_file.h"

#include <netdb.h>
#include <sys/socket.h>

#include <charconv>
#include <memory>
#include <string_view>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kMaxFileBytes = 64U << 10U;

std::uint16_t PortOf(std::string_view address) {
  std::uint16_t port = 0;
  const std::size_t colon = address.rfind(':');
  if (colon != std::string_view::npos) {
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  }
  return port;
}

bool CanListen(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return false;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  const UniqueFd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  return socket.get() >= 0 &&
         ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
         ::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0 &&
         ::listen(socket.get(), 1) == 0;
}

}  // namespace

Status WriteListeners(DurableFs& fs, const std::filesystem::path& file, const std::string& host,
                      const ListenerPorts& ports) {
  boost::json::object out;
  for (const auto& [name, port] : ports) {
    out[name] = host + ":" + std::to_string(port);
  }
  return DurableWrite(fs, file, AsBytes(boost::json::serialize(out) + "\n"), 0644);
}

ListenerPorts ReadListeners(const std::filesystem::path& file) {
  ListenerPorts ports;
  const auto text = ReadFile(file, kMaxFileBytes);
  if (!text.ok()) {
    return ports;
  }
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(ToText(*text), error);
  if (error || !value.is_object()) {
    return ports;
  }
  for (const auto& [name, address] : value.as_object()) {
    if (address.is_string()) {
      ports[std::string(name)] = PortOf(std::string(address.as_string()));
    }
  }
  return ports;
}

std::uint16_t ChoosePort(const std::string& address, std::uint16_t wanted, std::uint16_t last) {
  if (wanted != 0 || last == 0) {
    return wanted;
  }
  return CanListen(address, last) ? last : 0;
}

}  // namespace flotilla::controller
