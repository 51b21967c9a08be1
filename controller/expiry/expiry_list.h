// What will lapse, and what a person does about it. Pure.
#ifndef FLOTILLA_CONTROLLER_EXPIRY_EXPIRY_LIST_H_
#define FLOTILLA_CONTROLLER_EXPIRY_EXPIRY_LIST_H_

#include <string>
#include <vector>

#include "flotilla/v1/admin.pb.h"

#include "base/time.h"
#include "controller/fleet/fleet_state.h"
#include "controller/release/catalogue.h"

namespace flotilla::controller {

// Days before the end at which somebody is told, the last one first.
inline constexpr int kExpiryBands[] = {3, 14, 30};

// A certificate that the controller holds itself.
struct OwnCertificate {
  v1::ExpiryKind kind = v1::EXPIRY_KIND_UNSPECIFIED;
  // CA fingerprint, or "controller".
  std::string name;
  Time expires_at;
};

// Everything that has an end and still counts (nothing that is revoked, used up or decommissioned),
// soonest first; of devices the soonest 100, and how many end within each band.
v1::ListExpiryResponse MakeExpiryList(const std::vector<RoleExpiry>& roles,
                                      const std::vector<OwnCertificate>& own,
                                      const FleetState& fleet, Time now);

// Items that end within `within` of `now`, those past their end too.
v1::ListExpiryResponse EndingWithin(const v1::ListExpiryResponse& all, Duration within, Time now);

// The smallest band that `left` falls into: 3, 14, 30; 0: none.
int ExpiryBandOf(Duration left);

// "role", "ca", "server", "operator", "device", "token".
std::string ExpiryKindName(v1::ExpiryKind kind);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_EXPIRY_EXPIRY_LIST_H_
