#ifndef FLOTILLA_CONTROLLER_FLEET_FLEET_LEDGER_H_
#define FLOTILLA_CONTROLLER_FLEET_FLEET_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/session.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "controller/fleet/fan_out.h"
#include "controller/fleet/fleet_event.h"
#include "controller/fleet/fleet_state.h"
#include "controller/fleet/restored_fleet.h"
#include "controller/fleet/revocation_set.h"
#include "controller/fleet/session_registry.h"
#include "controller/fleet/shared_assignments.h"
#include "controller/rollout/rollout_book.h"
#include "controller/storage/commit_queue.h"
#include "controller/storage/fleet_store.h"
#include "security/audit/audit_chain.h"

namespace flotilla::controller {

// The one way the fleet changes: memory, then one transaction, then what others see of it.
// Fleet loop only; everything given outlives it.
class FleetLedger {
 public:
  using Done = std::function<void(const Status&)>;

  // `failed`: a commit failed for good; memory is ahead of the store, the process has to end.
  FleetLedger(FleetState& state, rollout::RolloutBook& book, SessionRegistry& sessions,
              FanOut& fan_out, RevocationSet& revocations, CommitQueue& commits, const Clock& clock,
              std::function<void(const Status&)> failed);

  // From now on decisions from before a restore are held back where devices know better.
  void SetRestored(const RestoredFleet& restored) { restored_ = restored; }

  // A device has reported about a rollout of this name that a restore lost.
  bool IsLostRollout(const std::string& rollout_id) const;

  // What was committed before this process.
  void Load(const FleetSnapshot& snapshot);

  // Takes `change` into memory, closes what it revokes, shows its devices to the rollouts, and
  // records all of that.
  void Apply(FleetChange change, Done done);
  // Records a change whose devices are in memory already, with what the rollouts made of it. The
  // device rows are read from memory, so ids are enough. Desired states that differ from the last
  // get their next generation in the same transaction and are handed to the fan-out once it is
  // durable.
  void Record(FleetChange change, rollout::RolloutChange moved, Done done,
              Haste haste = Haste::kPaced);
  // Device rows alone, nothing that a rollout looks at: the newest of each counts (class B).
  void WriteBehind(const std::vector<std::string>& device_ids, Done done);

  // What the device should run, with its generation.
  v1::DesiredState DesiredOf(const std::string& device_id) const;
  // The same on its way: devices of equal assignments share the bytes.
  DesiredFrame DesiredFrameOf(const std::string& device_id);

  ListenerId AddListener(FleetListener listener);
  void RemoveListener(ListenerId id);
  void Announce(const FleetEvent& event) const;
  // A rollout runs, pauses, aborts: time matters to it.
  bool AnyRolloutActive() const;
  // What the first entry of the audit log rests on, and the newest entry.
  const Digest& audit_genesis() const { return audit_genesis_; }
  const security::AuditHead& audit_head() const { return audit_head_; }

 private:
  // Desired states that wait for the commit.
  struct Sends {
    FanOut::Sends frames;
    Haste haste = Haste::kPaced;
  };
  // What listeners hear of once it is durable.
  struct Told {
    std::vector<DeviceChanged> devices;
    std::vector<StoredReport> reports;
    std::vector<v1::Rollout> rollouts;
    std::vector<v1::Release> releases;
    std::vector<v1::AuditEntry> audit;
  };

  void Revoke(const FleetChange& change);
  // What the rollouts want, less what a restored fleet must not say.
  v1::DesiredState Wanted(const std::string& device_id) const;
  // The new desired state when its content changed.
  bool RefreshDesired(const std::string& device_id, DesiredFrame& desired);
  // Adds entries for what rollouts did by themselves; numbers, dates and chains all entries.
  void FinishAudit(FleetChange& change);
  StoredDevice RowOf(const StoredDevice& device) const;
  std::vector<StoredDevice> RowsOf(const std::vector<std::string>& device_ids) const;
  // Nothing while nobody listens.
  Told ToldOf(const FleetChange& change) const;
  void Commit(FleetChange change, Sends sends, Done done);
  // Sends and tells what became durable, or that it never will be.
  CommitQueue::Done WhenCommitted(Told told, Sends sends, Done done);
  void Publish(Told told) const;

  FleetState& state_;
  rollout::RolloutBook& book_;
  SessionRegistry& sessions_;
  FanOut& fan_out_;
  RevocationSet& revocations_;
  CommitQueue& commits_;
  const Clock& clock_;
  std::function<void(const Status&)> failed_;
  std::optional<RestoredFleet> restored_;
  Digest audit_genesis_;
  security::AuditHead audit_head_;
  SharedAssignments shared_;
  std::uint64_t next_listener_ = 1;
  std::map<std::uint64_t, std::shared_ptr<const FleetListener>> listeners_;
  std::map<std::string, v1::RolloutState> rollout_states_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_FLEET_LEDGER_H_
