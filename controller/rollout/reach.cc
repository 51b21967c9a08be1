#include "controller/rollout/reach.h"

namespace flotilla::rollout {
namespace {

constexpr char kSiteLabel[] = "site";

}  // namespace

bool IsReachable(const v1::Device* device) {
  return device != nullptr && IsServed(*device) &&
         (device->liveness() == v1::LIVENESS_ONLINE || device->liveness() == v1::LIVENESS_LATE);
}

bool IsServed(const v1::Device& device) {
  return !device.revoked() && !device.clone_suspected();
}

std::string SiteOf(const v1::Device& device) {
  const auto by_operator = device.labels().find(kSiteLabel);
  if (by_operator != device.labels().end()) {
    return by_operator->second;
  }
  const auto by_owner = device.facts().labels().find(kSiteLabel);
  return by_owner != device.facts().labels().end() ? by_owner->second : std::string();
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
