#include "controller/http/tcp_listen.h"

#include "absl/strings/str_cat.h"

namespace flotilla::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

Status Listen(tcp::acceptor& acceptor, const std::string& address, std::uint16_t port) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) {
    return InvalidArgument(absl::StrCat("'", address, "' is no IP address to listen on"));
  }
  const tcp::endpoint endpoint(parsed, port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return Unavailable(
        absl::StrCat("cannot listen on ", address, ":", port, ": ", error.message()));
  }
  return OkStatus();
}

}  // namespace flotilla::http
