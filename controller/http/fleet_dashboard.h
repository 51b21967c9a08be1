#ifndef FLOTILLA_CONTROLLER_HTTP_FLEET_DASHBOARD_H_
#define FLOTILLA_CONTROLLER_HTTP_FLEET_DASHBOARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "controller/expiry/expiry_desk.h"
#include "controller/fleet/fleet.h"
#include "controller/health/health_board.h"
#include "controller/http/dashboard_source.h"
#include "controller/http/event_hub.h"

namespace flotilla::http {

// The fleet as the dashboard sees it; its events go to `events`. All references must outlive this
// object, and the fleet loop must have ended before it is destroyed. Thread-safe.
class FleetDashboard final : public DashboardSource {
 public:
  FleetDashboard(controller::Fleet& fleet, const controller::ExpiryDesk& expiry,
                 const controller::HealthBoard& health, EventHub& events);

  void Read(std::function<void(const FleetPicture&)> reader) override;
  void ExplainDevice(const std::string& id,
                     std::function<void(StatusOr<v1::ExplainDeviceResponse>)> done) override;
  void ListAudit(std::uint64_t before_seq, std::size_t limit,
                 std::function<void(StatusOr<std::vector<v1::AuditEntry>>)> done) override;
  void CheckAudit(std::function<void(const controller::AuditCheck&)> done) override;
  bool Ready() const override;

 private:
  controller::Fleet& fleet_;
  const controller::ExpiryDesk& expiry_;
  const controller::HealthBoard& health_;
  std::atomic<bool> ready_{false};
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_FLEET_DASHBOARD_H_
