#include "controller/http/audit_routes.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "controller/http/api_json.h"
#include "flotilla/v1/admin.pb.h"

namespace flotilla::http {
namespace {

constexpr std::uint64_t kMaxPage = 1000;
constexpr std::uint64_t kUsualPage = 100;

std::uint64_t Number(const std::string& text, std::uint64_t otherwise) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && value > 0 ? value : otherwise;
}

Response PageOf(const std::vector<v1::AuditEntry>& entries) {
  v1::ListAuditResponse page;
  for (const v1::AuditEntry& entry : entries) {
    *page.add_entries() = entry;
  }
  return TextResponse(200, "application/json", MessageJson(page));
}

Response VerdictOf(const controller::AuditCheck& check) {
  boost::json::object body;
  body["sound"] = check.verdict.ok();
  body["entries"] = check.entries;
  body["head"] = check.head.Text();
  if (!check.verdict.ok()) {
    body["problem"] = MessageOf(check.verdict);
  }
  return TextResponse(200, "application/json", boost::json::serialize(body));
}

}  // namespace

void AddAuditRoutes(Router& router, DashboardSource& source) {
  router.Add({"GET", "/api/v1/audit", Access::kOperator,
              Handler([&source](const Request& request, const Responder& respond) {
                const std::uint64_t size =
                    std::min(Number(request.Query("page_size"), kUsualPage), kMaxPage);
                source.ListAudit(
                    Number(request.Query("before_seq"), 0), size, [respond](const auto& entries) {
                      respond(entries.ok() ? PageOf(*entries) : ProblemResponse(entries.status()));
                    });
              })});
  router.Add({"GET", "/api/v1/audit/verification", Access::kOperator,
              Handler([&source](const Request&, const Responder& respond) {
                source.CheckAudit(
                    [respond](const controller::AuditCheck& check) { respond(VerdictOf(check)); });
              })});
}

}  // namespace flotilla::http
