#ifndef FLOTILLA_CONTROLLER_FLEET_PRESENCE_H_
#define FLOTILLA_CONTROLLER_FLEET_PRESENCE_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/backpressure.h"
#include "controller/fleet/fleet_ledger.h"
#include "controller/fleet/fleet_state.h"
#include "controller/fleet/session_registry.h"
#include "controller/rollout/rollout_book.h"
#include "controller/session/read_gate.h"

namespace flotilla::controller {

// When each device was heard last, and what follows: its liveness. Lives in memory; rows are
// written in batches: presence, which they have to the hour, when the hour changed (looked at once
// in 60 s), condition within 2 s. After a restart of the
// controller a device that was there has the time of a fresh one to come back. Silence counts only
// where it is the device's: not while its Hello waits for the disk, nor while this loop stood
// still or sessions were not read. It is counted in the heartbeats that the device was asked for
// last, or in its cycle where it opens a session now and then. Under pressure newest values wait
// here. Fleet loop only; everything given outlives it.
class Presence {
 public:
  Presence(FleetState& state, rollout::RolloutBook& book, FleetLedger& ledger,
           SessionRegistry& sessions, Executor& loop, const Clock& clock,
           const Backpressure& pressure, const ReadGate& reads);

  void Start();
  // The device said something: ONLINE from now on.
  void Heard(const std::string& device_id);
  // As Heard, for a caller that shows the device to the rollouts and writes the row itself.
  void MarkOnline(const std::string& device_id);
  // The session ended: the time is kept to the hour from now on.
  void Left(const std::string& device_id);
  // The row has a new condition to write.
  void ConditionChanged(const std::string& device_id);
  // Writes all that waits, pressure or not; `done` when it is durable.
  void Flush(FleetLedger::Done done);

 private:
  void Sweep();
  // Moves on the times of devices that cannot have been heard.
  void ForgiveOwnDelays();
  void SetLiveness(const std::string& device_id, v1::Liveness liveness);
  Duration Silence(const v1::Device& device) const;
  // How often the device is to be heard of.
  Duration Expected(const v1::Device& device);
  bool NewestWait() const { return pressure_.level() >= LoadLevel::kLatestOnly; }
  void FlushPeriodically();
  void FlushSoon();

  FleetState& state_;
  rollout::RolloutBook& book_;
  FleetLedger& ledger_;
  SessionRegistry& sessions_;
  Executor& loop_;
  const Clock& clock_;
  const Backpressure& pressure_;
  const ReadGate& reads_;
  const Duration interval_;
  // Monotonic.
  std::unordered_map<std::string, Duration> heard_;
  std::optional<Duration> swept_;
  std::set<std::string> unwritten_;
  bool flush_soon_ = false;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_PRESENCE_H_
