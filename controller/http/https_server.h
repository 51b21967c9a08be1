// One HTTPS listener over Boost.Beast: TLS 1.2 or newer, keep-alive, uploads in pieces, files in
// pieces, server-sent events. Bounds: 16 KiB of headers, 64 KiB of body where it is not an upload,
// 30 s for a handshake or a header, 120 s without progress, 256 KiB waiting for a listener of
// events.
#ifndef FLOTILLA_CONTROLLER_HTTP_HTTPS_SERVER_H_
#define FLOTILLA_CONTROLLER_HTTP_HTTPS_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "controller/http/event_hub.h"
#include "controller/http/router.h"

namespace flotilla::http {

enum class ClientCertificate { kUnspecified = 0, kOptional, kRequired };

struct HttpsServerOptions {
  std::string address;     // "127.0.0.1"
  std::uint16_t port = 0;  // 0: a free one
  std::string certificate_chain_pem;
  std::string private_key_pem;
  std::string client_ca_pem;
  ClientCertificate client_certificate = ClientCertificate::kUnspecified;
  unsigned threads = 2;
};

// What the server asks of its owner, on the server's threads. All but `token` and `refused` are
// set.
struct HttpsServerChecks {
  // Chain and dates of a client's leaf certificate (PEM). Called for every request.
  std::function<StatusOr<security::PeerIdentity>(const std::string& leaf_pem)> peer;
  // The operator who made a bearer token, with his role and the certificate he had; UNAUTHENTICATED
  // otherwise. Empty: tokens are not taken.
  std::function<StatusOr<security::PeerIdentity>(const std::string& token)> token;
  // Not revoked, nor past its end: asked for every request, and for every event of a stream.
  std::function<Status(const security::PeerIdentity& peer)> standing;
  // Whether `peer` (null: nobody) may use "GET /api/v1/overview".
  std::function<Status(const std::string& what, const security::PeerIdentity* peer)> permit;
  // Told of every request that one of them refused.
  std::function<void(const std::string& what, const security::PeerIdentity* peer, const Status&)>
      refused;
};

class HttpsServer {
 public:
  // `events` must outlive the server. INVALID_ARGUMENT: certificate or key; UNAVAILABLE: the port
  // is taken.
  static StatusOr<std::unique_ptr<HttpsServer>> Start(const HttpsServerOptions& options,
                                                      HttpsServerChecks checks, Router router,
                                                      EventHub& events);
  ~HttpsServer();
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;

  std::uint16_t port() const;
  // Closes the listener and every connection; returns when the threads have ended. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit HttpsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_HTTPS_SERVER_H_
