#ifndef FLOTILLA_CONTROLLER_FLEET_SESSION_ADMISSION_H_
#define FLOTILLA_CONTROLLER_FLEET_SESSION_ADMISSION_H_

#include <optional>

#include "flotilla/v1/session.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "controller/fleet/fleet_state.h"
#include "controller/fleet/restored_fleet.h"
#include "controller/fleet/session_peer.h"

namespace flotilla::controller {

// Who may open a session, by its certificate and its Hello. Changes nothing. Fleet loop only.
class SessionAdmission {
 public:
  SessionAdmission(const FleetState& state, const Clock& clock) : state_(state), clock_(clock) {}

  // The fleet lost what was after a backup: certificates of that time are taken.
  void SetRestored(const RestoredFleet& restored) { restored_ = restored; }
  // Nobody is taken any more.
  void StopTaking() { taking_ = false; }

  // UNAVAILABLE (the controller goes down), PERMISSION_DENIED (another id than the certificate's,
  // or an unknown device), UNAUTHENTICATED (revoked, or not issued here), INVALID_ARGUMENT (a
  // limit); those that a wait mends ask for one.
  Status Admit(const SessionPeer& peer, const v1::Hello& hello) const;

  // Whether the certificate is one that this fleet remembers; of one that was admitted and is not,
  // a restore lost it.
  bool IssuedHere(const SessionPeer& peer) const;

  // What was restored; empty: nothing was.
  const std::optional<RestoredFleet>& restored() const { return restored_; }

 private:
  // Of a device that has not been heard since the restore.
  bool IssuedInLostTime(const SessionPeer& peer) const;

  const FleetState& state_;
  const Clock& clock_;
  std::optional<RestoredFleet> restored_;
  bool taking_ = true;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_SESSION_ADMISSION_H_
