#ifndef FLOTILLA_CONTROLLER_FLEET_READMISSION_H_
#define FLOTILLA_CONTROLLER_FLEET_READMISSION_H_

#include "flotilla/v1/session.pb.h"

#include "base/digest.h"
#include "controller/fleet/restored_fleet.h"
#include "controller/fleet/session_peer.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// Takes a device and its certificate up again that a restore lost: what the certificate and the
// Hello say. `known`: as the fleet has it, from before its newest certificate; null: it does not.
// `issuing`: the CA that issues now. Labels that a token or an operator gave are lost.
FleetChange Readmission(const RestoredFleet& restored, const SessionPeer& peer,
                        const v1::Hello& hello, const Digest& issuing, const StoredDevice* known);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_READMISSION_H_
