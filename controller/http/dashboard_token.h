#ifndef FLOTILLA_CONTROLLER_HTTP_DASHBOARD_TOKEN_H_
#define FLOTILLA_CONTROLLER_HTTP_DASHBOARD_TOKEN_H_

#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/x509/peer.h"

namespace flotilla::http {

// Short-lived bearer tokens for browsers, which rarely hold a client certificate: "<unix
// seconds>.<name>.<role>.<serial>.<mac>", the mac being HMAC-SHA256 by a key that lives as long as
// the controller's process. A token can do what its maker could, and nothing once his certificate
// is revoked. Thread-safe: immutable.
class DashboardTokens {
 public:
  explicit DashboardTokens(Bytes key);

  // Ends with the maker's certificate at the latest.
  std::string Make(const security::PeerIdentity& maker, Time expires_at) const;
  // The operator: name, role, serial of his certificate, end of the token. UNAUTHENTICATED: forged,
  // cut or expired.
  StatusOr<security::PeerIdentity> Check(const std::string& token, Time now) const;

 private:
  std::string MacOf(const std::string& text) const;

  Bytes key_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_DASHBOARD_TOKEN_H_
