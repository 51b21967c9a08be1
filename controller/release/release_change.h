#ifndef FLOTILLA_CONTROLLER_RELEASE_RELEASE_CHANGE_H_
#define FLOTILLA_CONTROLLER_RELEASE_RELEASE_CHANGE_H_

#include <vector>

#include "flotilla/v1/release.pb.h"

#include "controller/fleet/fleet_state.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// What the fleet does not know yet of the releases that the catalogue lists: for after a
// publication, and for the start. What operators said of a release (its revocation) stays. Fleet
// loop only.
FleetChange ReleaseChange(const std::vector<v1::Release>& listed, const FleetState& state);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_RELEASE_CHANGE_H_
