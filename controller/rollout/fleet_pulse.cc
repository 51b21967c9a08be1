#include "controller/rollout/fleet_pulse.h"

#include "controller/rollout/reach.h"

namespace flotilla::rollout {

void FleetPulse::Fill(const FleetView& fleet) {
  filled_ = true;
  fleet.ForEachDevice([this](const v1::Device& device) {
    const bool reachable = IsReachable(&device);
    seen_[device.id()] = {reachable, absl::InfinitePast()};
    reachable_ += reachable ? 1U : 0U;
  });
}

void FleetPulse::Forget(const std::string& device_id, Seen& seen) {
  if (seen.silent_since != absl::InfinitePast()) {
    by_time_.erase({seen.silent_since, device_id});
    seen.silent_since = absl::InfinitePast();
  }
}

void FleetPulse::Note(const v1::Device& device, Group group, Time now) {
  Seen& seen = seen_[device.id()];
  const bool reachable = IsReachable(&device);
  if (!IsServed(device) || reachable) {
    Forget(device.id(), seen);
  }
  if (reachable == seen.reachable) {
    return;
  }
  seen.reachable = reachable;
  if (reachable) {
    ++reachable_;
    return;
  }
  --reachable_;
  if (IsServed(device) && group == Group::kControl) {
    seen.silent_since = now;
    by_time_.emplace(now, device.id());
  }
}

bool FleetPulse::NetworkIsDown(Time now) {
  if (down_) {
    down_ = reachable_ < kBack * before_;
    if (!down_) {
      for (auto& [at, device_id] : by_time_) {
        seen_[device_id].silent_since = absl::InfinitePast();
      }
      by_time_.clear();
    }
    return down_;
  }
  while (!by_time_.empty() && by_time_.begin()->first <= now - kWindow) {
    const std::string device_id = by_time_.begin()->second;
    Forget(device_id, seen_[device_id]);
  }
  const std::uint32_t silent = this->silent();
  before_ = reachable_ + silent;
  down_ = silent >= kFewest && silent > kJump * before_;
  return down_;
}

}  // namespace flotilla::rollout
