// Owners of what OpenSSL's TLS half and nghttp2 hand out.
#ifndef FLOTILLA_TESTS_SWARM_FLEET_C_PTR_H_
#define FLOTILLA_TESTS_SWARM_FLEET_C_PTR_H_

#include <memory>

#include <openssl/ssl.h>

#include "controller/wire/h2_parts.h"

namespace flotilla::swarm {

template <auto kFree>
struct CDeleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using SslPtr = std::unique_ptr<SSL, CDeleter<&SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, CDeleter<&SSL_CTX_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, CDeleter<&SSL_SESSION_free>>;
using controller::H2CallbacksPtr;
using controller::H2SessionPtr;

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_C_PTR_H_
