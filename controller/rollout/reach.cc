#include "controller/rollout/reach.h"

namespace flotilla::rollout {

bool IsReachable(const v1::Device* device) {
  return device != nullptr && IsServed(*device) &&
         (device->liveness() == v1::LIVENESS_ONLINE || device->liveness() == v1::LIVENESS_LATE);
}

bool IsServed(const v1::Device& device) {
  return !device.revoked() && !device.clone_suspected();
}

const v1::LineStatus* LineOf(const v1::Device& device, const std::string& line) {
  for (const v1::LineStatus& status : device.lines()) {
    if (status.line() == line) {
      return &status;
    }
  }
  return nullptr;
}

}  // namespace flotilla::rollout
