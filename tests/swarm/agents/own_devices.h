#ifndef FLOTILLA_TESTS_SWARM_AGENTS_OWN_DEVICES_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_OWN_DEVICES_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "flotilla/v1/device.pb.h"

#include "base/status.h"
#include "tests/swarm/fleet/operator_access.h"

namespace flotilla::swarm {

// What the controller has of the swarm's own devices.
struct OwnDevices {
  std::size_t known = 0;
  std::size_t online = 0;
  // Of those online: "line version", with " on trial" while it is, and how many; "nothing".
  std::map<std::string, std::size_t> releases;
};

void CountDevice(const v1::Device& device, OwnDevices& own);

// Blocking. Errors as of DeviceAdminService.GetDevice; a device that is not known is none.
StatusOr<OwnDevices> AskForDevices(const OperatorAccess& access,
                                   const std::vector<std::string>& ids);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_OWN_DEVICES_H_
