// Which of the fleet's questions a device is told of. Pure.
#ifndef FLOTILLA_CONTROLLER_HEALTH_CONCERN_H_
#define FLOTILLA_CONTROLLER_HEALTH_CONCERN_H_

#include <set>
#include <string>

#include "flotilla/v1/device.pb.h"

#include "base/digest.h"
#include "controller/health/health_board.h"

namespace flotilla::controller {

struct DeviceConcern {
  std::set<Digest> releases;      // that it runs
  std::set<Digest> given_up;      // that it went back from
  std::set<std::string> guarded;  // ids of tasks of private gates in whose arms it was drawn
};

// But for `guarded`, which the rollouts know.
DeviceConcern ConcernOf(const v1::Device& device);

// A gate's task is for devices drawn for its arm; any other for those on its release, the verdict
// on a release also for those that gave it up, and a demonstration for all. What a device answers
// it decides for itself.
bool Concerns(const HealthOffer& offer, const DeviceConcern& device);

// Ids of tasks of private gates that are offered.
std::set<std::string> GuardOffers(const HealthPicture& picture);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_CONCERN_H_
