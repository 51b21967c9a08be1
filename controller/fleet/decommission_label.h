#ifndef FLOTILLA_CONTROLLER_FLEET_DECOMMISSION_LABEL_H_
#define FLOTILLA_CONTROLLER_FLEET_DECOMMISSION_LABEL_H_

namespace flotilla::controller {

// Label of a device that is to leave the fleet: what it does with its models.
inline constexpr char kDecommissionLabel[] = "decommission";
inline constexpr char kWipeModels[] = "wipe-models";
inline constexpr char kKeepModels[] = "keep-models";

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_DECOMMISSION_LABEL_H_
