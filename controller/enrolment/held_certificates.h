// The certificates that a device holds at once: the one in use and those that wait for their first
// session.
#ifndef FLOTILLA_CONTROLLER_ENROLMENT_HELD_CERTIFICATES_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_HELD_CERTIFICATES_H_

#include "base/digest.h"
#include "base/time.h"
#include "controller/storage/fleet_store.h"
#include "security/x509/authority.h"

namespace flotilla::controller {

// `issued` is the newest certificate of `device` from now on, and in `change`.
void HoldCertificate(const security::IssuedCertificate& issued, const Digest& authority, Time now,
                     StoredDevice& device, FleetChange& change);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_HELD_CERTIFICATES_H_
