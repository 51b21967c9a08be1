#ifndef FLOTILLA_CONTROLLER_FLEET_FLEET_EVENT_H_
#define FLOTILLA_CONTROLLER_FLEET_FLEET_EVENT_H_

#include <functional>
#include <string>
#include <variant>

#include "flotilla/v1/admin.pb.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/rollout.pb.h"

#include "base/strong_id.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// "device.changed"; what else there is to a device is read where it is shown.
struct DeviceChanged {
  std::string device_id;
  v1::Liveness liveness = v1::LIVENESS_UNSPECIFIED;
};
// "rollout.changed"
struct RolloutChanged {
  v1::Rollout rollout;
};
// "release.changed"
struct ReleaseChanged {
  v1::Release release;
};
// "report"
struct ReportReceived {
  StoredReport report;
};
// Told before the commit: who holds a stream open with it is shut out at once. Not for the page.
struct CertificateRevoked {
  std::string serial_hex;
};
// "audit"
struct AuditWritten {
  v1::AuditEntry entry;
};

// Something that is durable now (but for CertificateRevoked), told in the order of the commits.
// Presence (last_seen_at alone) is not told; a change of liveness is.
using FleetEvent = std::variant<DeviceChanged, RolloutChanged, ReleaseChanged, ReportReceived,
                                CertificateRevoked, AuditWritten>;

// Called on the fleet loop: copies what it needs and returns.
using FleetListener = std::function<void(const FleetEvent&)>;

struct ListenerTag {};
using ListenerId = StrongNumber<ListenerTag>;

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_FLEET_EVENT_H_
