#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_FLEET_VIEW_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_FLEET_VIEW_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/rollout/fleet_view.h"

namespace flotilla::testing {

// A fleet that a test writes down: fill `devices` and `releases` and change them at will.
class FakeFleetView final : public rollout::FleetView {
 public:
  std::map<std::string, v1::Device> devices;
  std::map<std::pair<std::string, std::string>, v1::Release> releases;
  // Of `releases`, newest revocation first.
  std::vector<const v1::Release*> revoked;

  v1::Device& AddDevice(const std::string& id) {
    v1::Device& device = devices[id];
    device.set_id(id);
    device.set_liveness(v1::LIVENESS_ONLINE);
    return device;
  }

  void ForEachDevice(const std::function<void(const v1::Device&)>& visit) const override {
    for (const auto& [id, device] : devices) {
      visit(device);
    }
  }
  const v1::Device* FindDevice(const std::string& id) const override {
    const auto found = devices.find(id);
    return found == devices.end() ? nullptr : &found->second;
  }
  const v1::Release* FindRelease(const std::string& line,
                                 const std::string& version) const override {
    const auto found = releases.find({line, version});
    return found == releases.end() ? nullptr : &found->second;
  }
  const std::vector<const v1::Release*>& RevokedReleases() const override { return revoked; }
};

}  // namespace flotilla::testing

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_FLEET_VIEW_H_
