#ifndef FLOTILLA_CONTROLLER_ROLLOUT_REACH_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_REACH_H_

#include <string>

#include "flotilla/v1/device.pb.h"

namespace flotilla::rollout {

// Known, allowed and talking: ONLINE or LATE. `device` may be nullptr.
bool IsReachable(const v1::Device* device);
// Allowed to get anything at all: not revoked, and its identity not held by two machines.
bool IsServed(const v1::Device& device);
// Label "site", the operator's over the owner's; empty when there is none.
std::string SiteOf(const v1::Device& device);
// nullptr when the device has not told of the line.
const v1::LineStatus* LineOf(const v1::Device& device, const std::string& line);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_REACH_H_
