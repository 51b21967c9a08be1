#include "controller/http/request_access.h"

#include <string>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "security/openssl_ptr.h"

namespace flotilla::http {
namespace {

constexpr char kBearer[] = "Bearer ";

// Empty when the client showed none.
std::string LeafPem(SSL* connection) {
  const security::X509Ptr leaf(SSL_get1_peer_certificate(connection));
  if (leaf == nullptr) {
    return {};
  }
  const security::BioPtr text(BIO_new(BIO_s_mem()));
  if (text == nullptr || PEM_write_bio_X509(text.get(), leaf.get()) != 1) {
    return {};
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(text.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

Status CheckToken(const HttpsServerChecks& checks, Request& request) {
  std::string token = request.Header("authorization");
  if (!checks.token || !token.starts_with(kBearer)) {
    return Unauthenticated(
        "show an operator certificate or a dashboard token (fleetctl dashboard)");
  }
  token.erase(0, sizeof kBearer - 1);
  FLOTILLA_ASSIGN_OR_RETURN(request.peer, checks.token(token));
  return OkStatus();
}

// Fills request.peer.
Status Identify(const HttpsServerChecks& checks, SSL* connection, Access access, Request& request) {
  const std::string leaf = LeafPem(connection);
  if (leaf.empty()) {
    return access == Access::kOperator ? CheckToken(checks, request)
                                       : Unauthenticated("this path needs a client certificate");
  }
  FLOTILLA_ASSIGN_OR_RETURN(request.peer, checks.peer(leaf));
  return OkStatus();
}

Status Check(const HttpsServerChecks& checks, SSL* connection, const Route& route,
             Request& request) {
  if (route.access != Access::kAnyone) {
    FLOTILLA_RETURN_IF_ERROR(Identify(checks, connection, route.access, request));
    FLOTILLA_RETURN_IF_ERROR(checks.standing(*request.peer));
  }
  return checks.permit(route.What(), request.peer.has_value() ? &*request.peer : nullptr);
}

}  // namespace

Status CheckAccess(const HttpsServerChecks& checks, SSL* connection, const Route& route,
                   Request& request) {
  Status status = Check(checks, connection, route, request);
  if (!status.ok() && checks.refused) {
    checks.refused(route.What(), request.peer.has_value() ? &*request.peer : nullptr, status);
  }
  return status;
}

}  // namespace flotilla::http
