#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_FLEET_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_FLEET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "controller/rollout/fleet_view.h"
#include "controller/rollout/sim/sim_draws.h"
#include "controller/rollout/sim/sim_model.h"

namespace flotilla::rollout {

// The records of a modelled fleet as the controller would know them: "d000000" and on, each with
// its site and hardware as facts. Two releases of one line: the baseline and the new one.
class SimFleet final : public FleetView {
 public:
  static constexpr char kLine[] = "model";
  static constexpr char kBaseline[] = "1.0.0";
  static constexpr char kNew[] = "2.0.0";
  static constexpr char kBadClass[] = "bad";

  // The new release has the line and version of the rollout that is simulated.
  SimFleet(const SimModel& model, const std::string& line, const std::string& version,
           SimDraws& draws);

  std::uint32_t size() const { return static_cast<std::uint32_t>(devices_.size()); }
  const std::string& IdOf(std::uint32_t index) const { return devices_[index].id(); }
  std::uint32_t SiteOfDevice(std::uint32_t index) const { return sites_[index]; }
  bool IsBadClass(std::uint32_t index) const { return bad_[index]; }
  // `id` must be one of this fleet.
  static std::uint32_t IndexOf(const std::string& id);
  void SetReachable(std::uint32_t index, bool reachable);

  const v1::ReleaseRef& baseline() const { return baseline_.ref(); }
  const v1::ReleaseRef& candidate() const { return candidate_.ref(); }

  void ForEachDevice(const std::function<void(const v1::Device&)>& visit) const override;
  const v1::Device* FindDevice(const std::string& device_id) const override;
  const v1::Release* FindRelease(const std::string& line,
                                 const std::string& version) const override;
  const std::vector<const v1::Release*>& RevokedReleases() const override { return revoked_; }

 private:
  std::vector<v1::Device> devices_;
  std::vector<std::uint32_t> sites_;
  std::vector<bool> bad_;
  v1::Release baseline_;
  v1::Release candidate_;
  std::vector<const v1::Release*> revoked_;  // nobody does that here
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_FLEET_H_
