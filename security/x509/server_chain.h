#ifndef FLOTILLA_SECURITY_X509_SERVER_CHAIN_H_
#define FLOTILLA_SECURITY_X509_SERVER_CHAIN_H_

#include <string>

#include "base/status.h"
#include "base/time.h"
#include "security/http_proxy.h"

namespace flotilla::security {

// The certificates (PEM, leaf first) that the TLS server at `address` ("host:port", "[::1]:7441")
// shows. Nothing is verified and nothing is sent but the handshake: look in it with
// FindPinnedAuthority before anything secret goes there. Through `proxy` when it is not null: then
// the proxy looks the server's name up. Blocking, at most `timeout` for each of connecting and the
// handshake. INVALID_ARGUMENT: no such address; UNAVAILABLE, DEADLINE_EXCEEDED: try again
// (FETCH_DNS, FETCH_CONNECT, FETCH_TLS).
StatusOr<std::string> FetchServerChain(const std::string& address, Duration timeout,
                                       const HttpProxy* proxy = nullptr);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_SERVER_CHAIN_H_
