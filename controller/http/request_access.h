#ifndef FLOTILLA_CONTROLLER_HTTP_REQUEST_ACCESS_H_
#define FLOTILLA_CONTROLLER_HTTP_REQUEST_ACCESS_H_

#include <openssl/ssl.h>

#include "controller/http/https_server.h"

namespace flotilla::http {

// Whether this request may use `route`; fills request.peer from the connection's client
// certificate, or from a bearer token. UNAUTHENTICATED: nobody we know, or not any more;
// PERMISSION_DENIED: somebody else's route.
Status CheckAccess(const HttpsServerChecks& checks, SSL* connection, const Route& route,
                   Request& request);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_REQUEST_ACCESS_H_
