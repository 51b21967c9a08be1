// Port: what the dashboard reads of the fleet.
#ifndef FLOTILLA_CONTROLLER_HTTP_DASHBOARD_SOURCE_H_
#define FLOTILLA_CONTROLLER_HTTP_DASHBOARD_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/audit_check.h"
#include "flotilla/v1/admin.pb.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/health.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::http {

struct FleetCounts {
  std::uint64_t devices = 0;
  std::uint64_t sessions = 0;
  // Sessions whose turn to hear of a change has not come.
  std::uint64_t waiting_for_change = 0;
  std::map<v1::Liveness, std::uint64_t> liveness;
  // Devices that found no fresh metadata for too long (TRUST_STALE), and whose clock they do not
  // trust.
  std::uint64_t trust_stale = 0;
  std::uint64_t clock_untrusted = 0;
  // Devices that answer with no model, by what they do instead (rollout::NameOf).
  std::map<std::string, std::uint64_t> not_serving;
  // Of all devices in use, seconds since 1970: the oldest newest signed time, and the earliest end
  // of what a publisher signed; 0 when no device says.
  std::int64_t oldest_metadata = 0;
  std::int64_t earliest_publisher_end = 0;
  // (line, version) -> devices that run it.
  std::map<std::pair<std::string, std::string>, std::uint64_t> installed;
};

// The fleet at one moment; valid during the callback that got it.
class FleetPicture {
 public:
  virtual ~FleetPicture() = default;
  virtual FleetCounts Counts() const = 0;
  // By id, from after `after`, at most `limit`.
  virtual std::vector<v1::Device> Devices(const std::string& after, std::size_t limit) const = 0;
  // Newest first.
  virtual std::vector<v1::Rollout> Rollouts() const = 0;
  virtual std::vector<v1::RolloutDevice> RolloutDevices(const std::string& id) const = 0;
  // What will lapse, soonest first.
  virtual v1::ListExpiryResponse Expiry() const = 0;
  // What is collected of private health, newest task first.
  virtual v1::ListHealthResponse Health(const v1::ListHealthRequest& request) const = 0;

 protected:
  FleetPicture() = default;
  FleetPicture(const FleetPicture&) = default;
  FleetPicture& operator=(const FleetPicture&) = default;
};

class DashboardSource {
 public:
  virtual ~DashboardSource() = default;
  // Runs `reader` on the fleet's loop, soon; it must not block. Thread-safe.
  virtual void Read(std::function<void(const FleetPicture&)> reader) = 0;
  // The device, its newest reports, and why it runs what it runs. NOT_FOUND. Thread-safe; `done`
  // runs on any thread.
  virtual void ExplainDevice(const std::string& id,
                             std::function<void(StatusOr<v1::ExplainDeviceResponse>)> done) = 0;
  // Newest first, before `before_seq` (0: the newest). As ExplainDevice.
  virtual void ListAudit(std::uint64_t before_seq, std::size_t limit,
                         std::function<void(StatusOr<std::vector<v1::AuditEntry>>)> done) = 0;
  // Recomputes the stored log's chain. As ExplainDevice.
  virtual void CheckAudit(std::function<void(const controller::AuditCheck&)> done) = 0;
  // Whether the store and the loop answer; for /readyz. Thread-safe.
  virtual bool Ready() const = 0;

 protected:
  DashboardSource() = default;
  DashboardSource(const DashboardSource&) = default;
  DashboardSource& operator=(const DashboardSource&) = default;
};

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_DASHBOARD_SOURCE_H_
