#ifndef FLOTILLA_CONTROLLER_HTTP_ROUTER_H_
#define FLOTILLA_CONTROLLER_HTTP_ROUTER_H_

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/http/http_message.h"

namespace flotilla::http {

// Who may call a route.
enum class Access {
  kUnspecified = 0,
  kAnyone,    // pages, health checks
  kDevice,    // a device certificate
  kOperator,  // an operator certificate, or a dashboard token where the listener takes them
  kOperatorCertificate,
};

struct Route {
  std::string method;
  std::string prefix;  // the whole path, or its start when it ends in '/'
  Access access = Access::kUnspecified;
  std::variant<Handler, UploadHandler> handler;
};

// Longest prefix wins. Immutable once built; thread-safe then.
class Router {
 public:
  void Add(Route route);
  // NOT_FOUND; INVALID_ARGUMENT when the path exists for another method.
  StatusOr<const Route*> Find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_ROUTER_H_
