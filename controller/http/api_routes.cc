#include "controller/http/api_routes.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/time/time.h"

#include "controller/http/api_json.h"
#include "controller/http/audit_routes.h"
#include "controller/http/fleet_metrics.h"

namespace flotilla::http {
namespace {

constexpr std::size_t kMaxPage = 1000;
constexpr std::string_view kDevicePrefix = "/api/v1/devices/";
constexpr std::string_view kRolloutPrefix = "/api/v1/rollouts/";

Response Json(std::string body) {
  return TextResponse(200, "application/json", std::move(body));
}

// A handler that reads the fleet on its loop.
Handler Reading(DashboardSource& source,
                std::function<Response(const FleetPicture&, const Request&)> answer) {
  return [&source, answer = std::move(answer)](const Request& request, Responder respond) {
    source.Read([answer, request, respond = std::move(respond)](const FleetPicture& fleet) {
      respond(answer(fleet, request));
    });
  };
}

std::size_t PageSize(const Request& request) {
  const std::string text = request.Query("page_size");
  std::size_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  return size == 0 ? kMaxPage : std::min(size, kMaxPage);
}

Response DevicePage(const FleetPicture& fleet, const Request& request) {
  const std::size_t size = PageSize(request);
  auto devices = fleet.Devices(request.Query("page_token"), size + 1);
  std::string next;
  if (devices.size() > size) {
    devices.pop_back();
    next = devices.back().id();
  }
  return Json(DevicePageJson(devices, next));
}

Handler OneDevice(DashboardSource& source) {
  return [&source](const Request& request, const Responder& respond) {
    source.ExplainDevice(
        request.path.substr(kDevicePrefix.size()),
        [respond](const StatusOr<v1::ExplainDeviceResponse>& answer) {
          respond(answer.ok() ? Json(MessageJson(*answer)) : ProblemResponse(answer.status()));
        });
  };
}

Response OneRollout(const FleetPicture& fleet, const Request& request) {
  const std::string id = request.path.substr(kRolloutPrefix.size());
  for (const v1::Rollout& rollout : fleet.Rollouts()) {
    if (rollout.id() == id) {
      return Json(RolloutJson(rollout, fleet.RolloutDevices(id)));
    }
  }
  return ProblemResponse(NotFound("there is no rollout '" + id + "'"));
}

Response Health(const FleetPicture& fleet, const Request& request) {
  v1::ListHealthRequest wanted;
  wanted.set_metric(request.Query("metric"));
  wanted.set_line(request.Query("line"));
  wanted.set_task_id(request.Query("task"));
  return Json(MessageJson(fleet.Health(wanted)));
}

Response Events(const Request& request) {
  EventStream stream;
  const std::string last = request.Header("last-event-id");
  std::from_chars(last.data(), last.data() + last.size(), stream.after_id);
  Response response;
  response.headers.emplace_back("Content-Type", "text/event-stream");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = stream;
  return response;
}

Response NewToken(const DashboardTokens& tokens, Time now, const Request& request) {
  const Time expires_at = std::min(now + absl::Hours(1), request.peer->not_after);
  boost::json::object body;
  body["token"] = tokens.Make(*request.peer, expires_at);
  body["expires_at"] = UtcText(expires_at);
  return Json(boost::json::serialize(body));
}

void AddFleetRoutes(Router& router, DashboardSource& source, const Clock& clock) {
  router.Add({"GET", "/api/v1/overview", Access::kOperator,
              Reading(source, [&clock](const FleetPicture& fleet, const Request&) {
                return Json(OverviewJson(fleet, clock.Now()));
              })});
  router.Add({"GET", "/api/v1/devices", Access::kOperator, Reading(source, DevicePage)});
  router.Add({"GET", std::string(kDevicePrefix), Access::kOperator, OneDevice(source)});
  router.Add({"GET", "/api/v1/expiry", Access::kOperator,
              Reading(source, [](const FleetPicture& fleet, const Request&) {
                return Json(MessageJson(fleet.Expiry()));
              })});
  router.Add({"GET", "/api/v1/health", Access::kOperator, Reading(source, Health)});
  router.Add({"GET", "/api/v1/rollouts", Access::kOperator,
              Reading(source, [](const FleetPicture& fleet, const Request&) {
                return Json(RolloutListJson(fleet.Rollouts()));
              })});
  router.Add({"GET", std::string(kRolloutPrefix), Access::kOperator, Reading(source, OneRollout)});
}

}  // namespace

void AddApiRoutes(Router& router, const DashboardScope& scope) {
  AddFleetRoutes(router, scope.source, scope.clock);
  AddAuditRoutes(router, scope.source);
  router.Add({"GET", "/metrics", Access::kOperator,
              Reading(scope.source,
                      [&artifacts = scope.artifacts](const FleetPicture& fleet, const Request&) {
                        return TextResponse(200, "text/plain; version=0.0.4",
                                            FleetMetricsText(fleet, artifacts));
                      })});
  router.Add({"GET", "/api/v1/events", Access::kOperator,
              Handler([](const Request& request, const Responder& respond) {
                respond(Events(request));
              })});
  router.Add({"POST", "/api/v1/tokens", Access::kOperatorCertificate,
              Handler([&tokens = scope.tokens, &clock = scope.clock](const Request& request,
                                                                     const Responder& respond) {
                respond(NewToken(tokens, clock.Now(), request));
              })});
  router.Add(
      {"GET", "/healthz", Access::kAnyone, Handler([](const Request&, const Responder& respond) {
         respond(Json(R"({"status":"ok"})"));
       })});
  router.Add({"GET", "/readyz", Access::kAnyone,
              Handler([&source = scope.source](const Request&, const Responder& respond) {
                respond(source.Ready()
                            ? Json(R"({"status":"ready"})")
                            : ProblemResponse(Unavailable("the store does not answer yet")));
              })});
}

}  // namespace flotilla::http
