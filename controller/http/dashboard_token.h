#ifndef FLOTILLA_CONTROLLER_HTTP_DASHBOARD_TOKEN_H_
#define FLOTILLA_CONTROLLER_HTTP_DASHBOARD_TOKEN_H_

#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::http {

// Short-lived bearer tokens for browsers, which rarely hold a client certificate: "<unix
// seconds>.<name>.<mac>", the mac being HMAC-SHA256 by a key that lives as long as the controller's
// process. Thread-safe: immutable.
class DashboardTokens {
 public:
  explicit DashboardTokens(Bytes key);

  std::string Make(const std::string& operator_name, Time expires_at) const;
  // The operator's name. UNAUTHENTICATED: forged, cut or expired.
  StatusOr<std::string> Check(const std::string& token, Time now) const;

 private:
  std::string MacOf(const std::string& text) const;

  Bytes key_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_DASHBOARD_TOKEN_H_
