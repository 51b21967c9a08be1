#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_RUN_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_RUN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/indexed_map.h"
#include "controller/rollout/candidate_index.h"
#include "controller/rollout/change_set.h"
#include "controller/rollout/facet_tally.h"
#include "controller/rollout/member_index.h"
#include "controller/rollout/rate_ramp.h"
#include "controller/rollout/selector.h"
#include "controller/rollout/site_bursts.h"
#include "controller/rollout/sprt.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// One rollout and its devices, with the counters that must always equal a recount. Every change of
// a device's state goes through Move. What is looked up by a report is kept in indexes: its cost
// does not grow with the fleet.
class RolloutRun {
 public:
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

  const std::map<std::string, v1::RolloutDevice>& devices() const { return devices_.rows(); }
  const v1::RolloutDevice* FindDevice(const std::string& device_id) const;
  v1::RolloutDevice* FindDevice(const std::string& device_id);

  // A committed row; its counters stand in the wave already.
  void LoadDevice(const v1::RolloutDevice& device, const FleetView& fleet);
  // A new member, PENDING.
  v1::RolloutDevice& AddDevice(const std::string& device_id, std::uint32_t wave, const Turn& turn);
  // Moves the state, the wave's counters and evidence, and the monitor.
  void Move(v1::RolloutDevice& device, v1::DeploymentState to, v1::FailureReason reason,
            const Turn& turn);
  void MoveToCatchUp(v1::RolloutDevice& device, const Turn& turn);
  // A delivery that failed is tried again at `when`, or not at all; the next Move forgets it.
  void RetryAt(v1::RolloutDevice& device, std::optional<Time> when, const Turn& turn);

  // The judge counts this quality failure no more.
  void ExcuseFailure(v1::RolloutDevice& device, const Turn& turn);
  // Who tried and failed, by what they have in common.
  const FacetTally& tally() const { return tally_; }

  // Open devices of the current wave's quorum (earlier ones have none left) or of the other lane.
  bool HasOpen(Lane lane) const { return index_.Open(lane) > 0; }
  std::uint32_t InFlight(Lane lane) const {
    return static_cast<std::uint32_t>(index_.busy(lane).size());
  }
  // For parking and waking; Move keeps it otherwise.
  MemberIndex& index() { return index_; }
  const MemberIndex& index() const { return index_; }

  // Devices without a wave, filled at the first call.
  CandidateIndex& Candidates(const FleetView& fleet);
  // The device may have come to match, or not any more. True: it may be taken and can be reached.
  bool NoteCandidate(const v1::Device& device);
  // Devices that match the selector now.
  std::uint32_t CountMatching(const FleetView& fleet);

  // Devices that a returning rollout may have to wait for; who looks takes out those it need not.
  std::set<std::string>& awaited() { return awaited_; }

  // The next device that waits for a place at the site may be offered.
  void WakeSite(const std::string& site);
  OfferTokens& tokens() { return tokens_; }

  // Says why the rollout is where it is.
  void Explain(const std::string& why, const Turn& turn);

  // Nobody could be taken into a wave when it was last tried; forgotten as soon as that may differ.
  bool nobody_to_take = false;
  // No device's phase is over before (deadlines are never edited); the past: look at all of them.
  Time next_deadline = absl::InfinitePast();
  // When it was last asked whether updated devices fell silent.
  Time silence_asked_at = absl::InfinitePast();

 private:
  void CountMove(v1::Wave& wave, v1::DeploymentState from, v1::DeploymentState to);
  // Whether the device's failure counts, after it went from one state to another.
  void Excuse(v1::RolloutDevice& device, v1::DeploymentState from, const Turn& turn);
  void SetExcused(v1::RolloutDevice& device, bool excused);
  void RefreshEvidence(v1::Wave& wave) const;
  void NoteAttempt(const v1::RolloutDevice& device);

  v1::Rollout row_;
  Sprt sprt_;
  Selector selector_;
  IndexedMap<v1::RolloutDevice> devices_;
  MemberIndex index_;
  CandidateIndex candidates_;
  SiteBursts bursts_;
  FacetTally tally_;
  OfferTokens tokens_;
  // Sites with a device that has tried the release.
  std::set<std::string> sites_tried_;
  std::set<std::string> awaited_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_RUN_H_
