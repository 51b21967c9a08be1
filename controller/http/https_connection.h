#ifndef FLOTILLA_CONTROLLER_HTTP_HTTPS_CONNECTION_H_
#define FLOTILLA_CONTROLLER_HTTP_HTTPS_CONNECTION_H_

#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "controller/http/https_server.h"

namespace flotilla::http {

// What every connection of a listener shares.
struct ConnectionScope {
  HttpsServerChecks checks;
  Router router;
  EventHub* events = nullptr;
};

// Serves one accepted connection until it closes. The connection owns itself.
void ServeConnection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls,
                     std::shared_ptr<const ConnectionScope> scope);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_HTTPS_CONNECTION_H_
