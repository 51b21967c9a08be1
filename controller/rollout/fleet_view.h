#ifndef FLOTILLA_CONTROLLER_ROLLOUT_FLEET_VIEW_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_FLEET_VIEW_H_

#include <functional>
#include <string>
#include <vector>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/release.pb.h"

namespace flotilla::rollout {

// Port: the fleet as it is now, read by the rollout book. Lives on the book's executor; what a call
// returns is valid until the fleet changes. Real: controller/fleet. Fake:
// tests/support/fake_fleet_view.h.
class FleetView {
 public:
  virtual ~FleetView() = default;
  // Every device, revoked ones included, in any order.
  virtual void ForEachDevice(const std::function<void(const v1::Device&)>& visit) const = 0;
  // nullptr when unknown.
  virtual const v1::Device* FindDevice(const std::string& device_id) const = 0;
  // nullptr when unknown.
  virtual const v1::Release* FindRelease(const std::string& line,
                                         const std::string& version) const = 0;
  // Those whose revocation is in force, newest first.
  virtual const std::vector<const v1::Release*>& RevokedReleases() const = 0;

 protected:
  FleetView() = default;
  FleetView(const FleetView&) = default;
  FleetView& operator=(const FleetView&) = default;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_FLEET_VIEW_H_
