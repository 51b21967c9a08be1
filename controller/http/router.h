#ifndef FLOTILLA_CONTROLLER_HTTP_ROUTER_H_
#define FLOTILLA_CONTROLLER_HTTP_ROUTER_H_

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/http/http_message.h"

namespace flotilla::http {

// How a route learns who calls; what he may is for HttpsServerChecks::permit.
enum class Access {
  kUnspecified = 0,
  kAnyone,               // pages, health checks
  kDevice,               // a certificate
  kOperator,             // a certificate, or a dashboard token where the listener takes them
  kOperatorCertificate,  // a certificate
};

struct Route {
  std::string method;
  std::string prefix;  // the whole path, or its start when it ends in '/'
  Access access = Access::kUnspecified;
  std::variant<Handler, UploadHandler> handler;

  // "GET /api/v1/overview": its row in controller/access/permissions.h.
  std::string What() const { return method + " " + prefix; }
};

// Longest prefix wins. Immutable once built; thread-safe then.
class Router {
 public:
  void Add(Route route);
  // NOT_FOUND; INVALID_ARGUMENT when the path exists for another method.
  StatusOr<const Route*> Find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_ROUTER_H_
