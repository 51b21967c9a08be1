#ifndef FLOTILLA_CONTROLLER_FLEET_SESSION_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_SESSION_DESK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/backpressure.h"
#include "controller/fleet/fleet_ledger.h"
#include "controller/fleet/fleet_state.h"
#include "controller/fleet/presence.h"
#include "controller/fleet/restored_fleet.h"
#include "controller/fleet/session_admission.h"
#include "controller/fleet/session_peer.h"
#include "controller/fleet/session_registry.h"
#include "controller/rollout/rollout_book.h"
#include "controller/session/device_session.h"
#include "controller/storage/commit_queue.h"

namespace flotilla::controller {

// Sessions of devices: epochs, clones, reports and their acknowledgements.
//
// Fleet loop only; everything given outlives it. Every call but OnHello is ignored when `session`
// is not (any more) the session of its device: a fenced stream changes nothing.
class SessionDesk {
 public:
  SessionDesk(FleetState& state, rollout::RolloutBook& book, FleetLedger& ledger,
              SessionRegistry& sessions, Presence& presence, CommitQueue& commits, Executor& loop,
              const Clock& clock, const Backpressure& pressure, double handshakes_per_second);

  // Told in Welcome from now on; each ends in '/'.
  void SetBaseUrls(const std::string& metadata_url, const std::string& targets_url);

  // Says what time it is to a device that asks with a nonce; empty: nobody does.
  using ClockAttestor = std::function<StatusOr<v1::ClockAttestation>(const std::string& nonce)>;
  void SetClockAttestor(ClockAttestor attestor) { clock_attestor_ = std::move(attestor); }

  // Hears each Hello that was admitted, before it is taken up.
  using HelloWatcher = std::function<void(const v1::Hello& hello)>;
  void SetHelloWatcher(HelloWatcher watcher) { hello_watcher_ = std::move(watcher); }

  // The fleet lost what was after a backup: devices teach it. Certificates of that time are taken
  // for those of their devices, known or not.
  void SetRestored(const RestoredFleet& restored) { admission_.SetRestored(restored); }

  // The CAs that are trusted now and the one of them that issues, told in Welcome from now on. A
  // device whose certificate is of another one is asked to renew.
  void SetAuthorities(const std::string& ca_bundle_pem, const Digest& issuing);

  // First message of a stream. Answers Welcome and the desired state once what the Hello changed is
  // durable, or closes the stream: PERMISSION_DENIED (another id than the certificate's, or an
  // unknown device), UNAUTHENTICATED (revoked), ALREADY_EXISTS (clone), INVALID_ARGUMENT (a limit).
  // An older stream of the same machine is closed with ABORTED. The first session with the newest
  // certificate ends the others of the device (superseded).
  void OnHello(const SessionPeer& peer, std::shared_ptr<DeviceSession> session,
               const v1::Hello& hello);
  // Taken up once per (device, boot_epoch, seq), acknowledged once durable however often it comes.
  void OnReport(const std::string& device_id, const DeviceSession* session,
                const v1::UpdateReport& report);
  void OnCondition(const std::string& device_id, const DeviceSession* session,
                   const v1::Condition& condition);
  // The device stopped a release: it tells of all its lines anew.
  void OnLinesChanged(const std::string& device_id, const DeviceSession* session,
                      const v1::LinesChanged& changed);
  void OnHeartbeat(const std::string& device_id, const DeviceSession* session);
  // The device has wiped its keys: none of its certificates is good any more.
  void OnDecommissionDone(const std::string& device_id, const DeviceSession* session);
  // Orders of an operator, to the open session of the device, if there is one.
  void OrderAgain(const std::string& device_id);
  void OnDisconnect(const std::string& device_id, const DeviceSession* session);

  // So many devices had a session a while ago and come back now, after a restart: those who are
  // first are told a spread for all of them. Forgotten after ten minutes.
  void ExpectBack(std::size_t devices);

  std::size_t open_sessions() const { return sessions_.size(); }
  bool HasSession(const std::string& device_id) const { return sessions_.Contains(device_id); }
  // The controller goes down: whoever says Hello from now on is sent elsewhere.
  void StopTaking() { admission_.StopTaking(); }

 private:
  void FlagClone(const std::string& device_id, const std::string& fingerprint);
  void LookUpOutbox(const std::string& device_id, const DeviceSession* session,
                    std::uint64_t boot_epoch);
  void RecordHello(const std::string& device_id, const DeviceSession* session);
  void Greet(const std::string& device_id, const DeviceSession* session, std::uint64_t epoch,
             std::uint64_t durable_seq, const DesiredFrame& desired);
  Duration SpreadNow() const;
  // The device was heard; it learns of another heartbeat or spread when one is wanted now.
  void Heard(const std::string& device_id, OpenSession& open);
  void GiveOrders(const OpenSession& open, const v1::Device& device);
  void Supersede(const std::string& device_id, const std::string& serial_hex,
                 FleetChange& change) const;
  void TakeReport(const std::string& device_id, const v1::UpdateReport& report);
  void Acknowledge(const std::string& device_id, const DeviceSession* session, std::uint64_t seq);

  FleetState& state_;
  rollout::RolloutBook& book_;
  FleetLedger& ledger_;
  SessionRegistry& sessions_;
  Presence& presence_;
  CommitQueue& commits_;
  Executor& loop_;
  const Clock& clock_;
  const Backpressure& pressure_;
  const double handshakes_per_second_;
  std::size_t expected_back_ = 0;
  Duration expected_until_;  // monotonic
  std::string metadata_url_;
  std::string targets_url_;
  ClockAttestor clock_attestor_;
  HelloWatcher hello_watcher_;
  std::string ca_bundle_pem_;
  Digest issuing_;
  SessionAdmission admission_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_SESSION_DESK_H_
