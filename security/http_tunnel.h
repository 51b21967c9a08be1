// The client's side of CONNECT on a socket of one's own.
#ifndef FLOTILLA_SECURITY_HTTP_TUNNEL_H_
#define FLOTILLA_SECURITY_HTTP_TUNNEL_H_

#include <string>
#include <string_view>

#include "base/status.h"
#include "security/http_proxy.h"

namespace flotilla::security {

// The status in the head of an answer of HTTP/1: "HTTP/1.1 200 Connection established\r\n...".
// DATA_LOSS: it is no such head.
StatusOr<int> AnswerStatus(std::string_view head);

// Asks `proxy`, at the other end of the connected socket `fd`, for `target` ("host:port"). After OK
// the next byte of the socket is the target's. Blocking; the socket's own timeouts bound each read
// and write. Errors: those of HttpProxy.
Status OpenTunnel(int fd, const HttpProxy& proxy, const std::string& target);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HTTP_TUNNEL_H_
