#ifndef FLOTILLA_CONTROLLER_HTTP_TCP_LISTEN_H_
#define FLOTILLA_CONTROLLER_HTTP_TCP_LISTEN_H_

#include <cstdint>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "base/status.h"

namespace flotilla::http {

// Opens `acceptor` and listens; port 0: a free one.
// Errors: INVALID_ARGUMENT: no IP address; UNAVAILABLE: the port is taken.
Status Listen(boost::asio::ip::tcp::acceptor& acceptor, const std::string& address,
              std::uint16_t port);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_TCP_LISTEN_H_
