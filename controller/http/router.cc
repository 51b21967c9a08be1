#include "controller/http/router.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace flotilla::http {
namespace {

bool Matches(const Route& route, std::string_view path) {
  return route.prefix.back() == '/' && route.prefix.size() > 1 ? path.starts_with(route.prefix)
                                                               : path == route.prefix;
}

}  // namespace

void Router::Add(Route route) {
  routes_.push_back(std::move(route));
  std::stable_sort(routes_.begin(), routes_.end(), [](const Route& a, const Route& b) {
    return a.prefix.size() > b.prefix.size();
  });
}

StatusOr<const Route*> Router::Find(std::string_view method, std::string_view path) const {
  bool other_method = false;
  for (const Route& route : routes_) {
    if (!Matches(route, path)) {
      continue;
    }
    if (route.method == method) {
      return &route;
    }
    other_method = true;
  }
  if (other_method) {
    return InvalidArgument(std::string(method) + " is not for this path");
  }
  return NotFound("no such path: see /api/v1/overview, /metrics, /healthz");
}

}  // namespace flotilla::http
