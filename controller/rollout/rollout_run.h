#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_RUN_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_RUN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "controller/rollout/change_set.h"
#include "controller/rollout/selector.h"
#include "controller/rollout/sprt.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// In its wave's quorum, or moved out of it because it was offline.
enum class Lane { kQuorum, kCatchUp };

// One rollout and its devices, with the counters that must always equal a recount. Every change of
// a device's state goes through Move.
class RolloutRun {
 public:
  // Open devices by cohort order, then id.
  using OpenSet = std::set<std::pair<std::uint64_t, std::string>>;

  explicit RolloutRun(v1::Rollout row);

  const v1::Rollout& row() const { return row_; }
  // For everything but counters.
  v1::Rollout& mutable_row() { return row_; }
  const std::string& id() const { return row_.id(); }
  const v1::RolloutSpec& spec() const { return row_.spec(); }
  const Sprt& sprt() const { return sprt_; }
  const Selector& selector() const { return selector_; }
  bool Is(v1::RolloutState state) const { return row_.state() == state; }
  // RUNNING or PAUSED: failing verdicts act.
  bool IsActive() const;
  // Devices may be on their way back to the baseline.
  bool IsReturning() const;
  bool IsFinal() const;

  v1::Wave& wave(std::uint32_t index) { return *row_.mutable_waves(static_cast<int>(index)); }
  const v1::Wave& wave(std::uint32_t index) const { return row_.waves(static_cast<int>(index)); }
  v1::Wave& current_wave() { return wave(row_.current_wave()); }
  const v1::Wave& current_wave() const { return wave(row_.current_wave()); }
  bool IsLastWave(std::uint32_t index) const {
    return static_cast<int>(index) + 1 == row_.waves_size();
  }

  const std::map<std::string, v1::RolloutDevice>& devices() const { return devices_; }
  const v1::RolloutDevice* FindDevice(const std::string& device_id) const;
  v1::RolloutDevice* FindDevice(const std::string& device_id);

  // A committed row; its counters stand in the wave already.
  void LoadDevice(const v1::RolloutDevice& device);
  // A new member, PENDING.
  v1::RolloutDevice& AddDevice(const std::string& device_id, std::uint32_t wave, const Turn& turn);
  // Moves the state, the wave's counters and evidence, and the monitor.
  void Move(v1::RolloutDevice& device, v1::DeploymentState to, v1::FailureReason reason,
            const Turn& turn);
  void MoveToCatchUp(v1::RolloutDevice& device, const Turn& turn);

  // Devices of the current wave's quorum (earlier ones have none left) that are not terminal.
  const OpenSet& open(Lane lane) const { return lane == Lane::kQuorum ? quorum_ : catch_up_; }
  std::uint32_t InFlight(Lane lane) const {
    return lane == Lane::kQuorum ? quorum_in_flight_ : catch_up_in_flight_;
  }

  // Says why the rollout is where it is.
  void Explain(const std::string& why, const Turn& turn);

 private:
  void Index(const v1::RolloutDevice& device);
  void Unindex(const v1::RolloutDevice& device);
  void CountMove(v1::Wave& wave, v1::DeploymentState from, v1::DeploymentState to);

  v1::Rollout row_;
  Sprt sprt_;
  Selector selector_;
  std::map<std::string, v1::RolloutDevice> devices_;
  OpenSet quorum_;
  OpenSet catch_up_;
  std::uint32_t quorum_in_flight_ = 0;
  std::uint32_t catch_up_in_flight_ = 0;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_RUN_H_
