#ifndef FLOTILLA_SECURITY_TLS_TLS_SERVER_H_
#define FLOTILLA_SECURITY_TLS_TLS_SERVER_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"
#include "security/tls/tls_stream.h"

struct ssl_ctx_st;  // SSL_CTX

namespace flotilla::security {

struct TlsServerOptions {
  // Server certificate, leaf first, and its key.
  std::string certificate_chain_pem;
  std::string private_key_pem;
  // Authorities of client certificates, which every client has to show.
  std::string client_ca_pem;
};

// Mutual TLS for HTTP/2 (ALPN "h2"), 1.2 with forward secrecy or 1.3, with tickets: a client comes
// back without signatures. A resumed session's certificate was verified when it was new: who serves
// it looks at dates and revocation again. Thread-safe.
class TlsServer {
 public:
  // INVALID_ARGUMENT: a certificate or the key is none, or they do not belong together.
  static StatusOr<std::unique_ptr<TlsServer>> Create(const TlsServerOptions& options);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // The server's side on a connected, non-blocking socket; the handshake is still to be driven.
  // INTERNAL: no memory.
  StatusOr<std::unique_ptr<TlsStream>> Accept(UniqueFd fd) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsServer(ssl_ctx_st* context) : context_(context) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_TLS_TLS_SERVER_H_
