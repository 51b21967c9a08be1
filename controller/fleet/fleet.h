#ifndef FLOTILLA_CONTROLLER_FLEET_FLEET_H_
#define FLOTILLA_CONTROLLER_FLEET_FLEET_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/admin.pb.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/session.pb.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/backpressure.h"
#include "controller/fleet/fleet_event.h"
#include "controller/fleet/fleet_state.h"
#include "controller/fleet/restored_fleet.h"
#include "controller/fleet/revocation_set.h"
#include "controller/session/fan_out_pacer.h"
#include "controller/session/heartbeat_inbox.h"
#include "controller/session/read_gate.h"
#include "controller/storage/commit_queue.h"
#include "controller/storage/fleet_store.h"
#include "security/audit/audit_chain.h"

namespace flotilla::controller {

struct FleetOptions {
  // What agents are told to keep; liveness is counted in it.
  Duration heartbeat_interval = absl::Seconds(60);
  // When less is asked of them.
  BackpressureOptions pressure;
  // How many devices may come back a second: SafeHandshakeRate.
  double handshakes_per_second = 250;
  // How fast a change of many devices is told to them.
  FanOutOptions fan_out;
  // How often rollouts are looked at while one runs.
  Duration tick = absl::Milliseconds(200);
  // Approvals that every rollout needs from other operators than its creator.
  std::uint32_t rollout_approvals = 0;
  // The fleet was restored from a backup; absent: never.
  std::optional<RestoredFleet> restored;
};

class PolicyDesk;
class RevocationDesk;
class RolloutDesk;
class SessionDesk;

// The fleet as one object on one loop: who the devices are, which releases there are, what each
// device shall run. Every change goes through Apply: memory first, then one durable transaction,
// and only then what others see of it (acknowledgements, desired states, events, `done`).
//
// Threads: Post, heartbeats(), reads().open() and revocations() are thread-safe; everything else
// runs on the fleet loop. Crash: starts again from the store; what was not committed was
// acknowledged to nobody.
class Fleet {
 public:
  using Done = std::function<void(const Status&)>;

  // `failed` is called on the fleet loop when a commit failed for good: the process has to end.
  Fleet(const FleetOptions& options, const FleetSnapshot& snapshot, CommitQueue& commits,
        Executor& loop, const Clock& clock, std::function<void(const Status&)> failed);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Runs `task` on the fleet loop. Thread-safe.
  void Post(Executor::Task task);

  // Told in Welcome from now on; each ends in '/'.
  void SetBaseUrls(const std::string& metadata_url, const std::string& targets_url);
  // Called on the loop for each session of a device that asks.
  void SetClockAttestor(
      std::function<StatusOr<v1::ClockAttestation>(const std::string& nonce)> attestor);
  // Called on the loop for each Hello that was admitted.
  void SetHelloWatcher(std::function<void(const v1::Hello& hello)> watcher);
  // The CAs that are trusted now, PEM, and the one of them that issues; as SetBaseUrls.
  void SetAuthorities(const std::string& ca_bundle_pem, const Digest& issuing);
  // Starts the timers (liveness, rollouts, batched writes).
  void Start();
  // Tells every session over which time to come back, closes them evenly over a window that their
  // number asks for (at most `limit`), then calls `closed`. No new session is taken. Again: the
  // shorter limit counts, and both are answered.
  void Drain(Duration limit, std::function<void()> closed);
  // Writes what waits in memory for its batch; `done` when it is durable.
  void Flush(Done done);

  // Takes `change` into memory, commits it, tells listeners, then calls `done` (may be null).
  // Devices that are new or changed are shown to the rollouts; sessions of revoked certificates
  // are closed at once. Audit entries get `seq` and `at` here.
  void Apply(FleetChange change, Done done);

  ListenerId AddListener(FleetListener listener);
  void RemoveListener(ListenerId id);

  const FleetState& state() const;
  // Operators' rollout commands and views of rollouts.
  RolloutDesk& rollouts();
  const RolloutDesk& rollouts() const;
  // The kill switch of releases.
  RevocationDesk& revocation_desk();
  // Operators' rules over all rollouts.
  PolicyDesk& policies();
  // What device sessions call.
  SessionDesk& sessions();
  const SessionDesk& sessions() const;
  // Asked before each read of a session.
  ReadGate& reads();
  // Where sessions put what says only that their device is alive. Its Put is thread-safe.
  HeartbeatInbox& heartbeats();
  LoadLevel load_level() const;
  // Devices with a session that are to hear of a change and whose turn has not come.
  std::size_t waiting_for_change() const;
  // For listeners of every kind. Thread-safe.
  const RevocationSet& revocations() const;

  // OK twice. NOT_FOUND: no such device.
  void RevokeDevice(const std::string& device_id, const std::string& comment,
                    const std::string& actor,
                    const std::function<void(StatusOr<v1::Device>)>& done);
  // One certificate; its device may hold another. OK twice, and for one that is not known here.
  void RevokeCertificate(const std::string& serial_hex, const std::string& comment,
                         const std::string& actor,
                         const std::function<void(StatusOr<v1::RevokeCertificateResponse>)>& done);
  // The device is told now, or when it connects or renews. OK twice. NOT_FOUND: no such device;
  // FAILED_PRECONDITION: it is revoked, nothing reaches it any more.
  void DecommissionDevice(const v1::DecommissionDeviceRequest& request, const std::string& actor,
                          const std::function<void(StatusOr<v1::Device>)>& done);
  // NOT_FOUND: no such device.
  void ExplainDevice(const std::string& device_id,
                     const std::function<void(StatusOr<v1::ExplainDeviceResponse>)>& done);
  // Newest first, at most 1,000.
  void ListAudit(std::uint64_t before_seq, std::size_t limit,
                 const std::function<void(StatusOr<std::vector<v1::AuditEntry>>)>& done);
  // Oldest first, at most 1,000.
  void ListAuditAfter(std::uint64_t after_seq, std::size_t limit,
                      const std::function<void(StatusOr<std::vector<v1::AuditEntry>>)>& done);
  // What the first entry rests on, and the newest one; durable once a page asked for now is there.
  const Digest& audit_genesis() const;
  const security::AuditHead& audit_head() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_FLEET_H_
