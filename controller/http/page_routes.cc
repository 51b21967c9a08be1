#include "controller/http/page_routes.h"

#include <string>
#include <string_view>

#include "controller/http/page_files.h"

namespace flotilla::http {

void AddPageRoutes(Router& router) {
  for (const PageFile& file : PageFiles()) {
    router.Add({"GET", std::string(file.path), Access::kAnyone,
                Handler([file](const Request&, const Responder& respond) {
                  Response response =
                      TextResponse(200, std::string(file.content_type), std::string(file.content));
                  response.headers.emplace_back(
                      "Content-Security-Policy",
                      "default-src 'self'; base-uri 'none'; frame-ancestors 'none'");
                  response.headers.emplace_back("Referrer-Policy", "no-referrer");
                  respond(std::move(response));
                })});
  }
}

}  // namespace flotilla::http
