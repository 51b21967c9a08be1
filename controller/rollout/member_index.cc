#include "controller/rollout/member_index.h"

#include "controller/rollout/cohort.h"
#include "controller/rollout/outcome.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

Lane LaneOf(const v1::RolloutDevice& device) {
  return device.catch_up() ? Lane::kCatchUp : Lane::kQuorum;
}

}  // namespace

std::uint64_t MemberIndex::OrderOf(const std::string& device_id) {
  const auto [found, is_new] = orders_.try_emplace(device_id, 0);
  if (is_new) {
    found->second = CohortHash(salt_, device_id);
  }
  return found->second;
}

void MemberIndex::Add(const v1::RolloutDevice& device) {
  if (IsTerminal(device.state())) {
    if (device.has_retry_at()) {
      retries_.emplace(FromWire(device.retry_at()), device.device_id());
    }
    return;
  }
  LaneIndex& lane = Of(LaneOf(device));
  if (IsInFlight(device.state())) {
    lane.busy.emplace(OrderOf(device.device_id()), device.device_id());
    ++site_busy_[device.site()];
  } else {
    lane.ready.emplace(OrderOf(device.device_id()), device.device_id());
  }
}

void MemberIndex::Remove(const v1::RolloutDevice& device) {
  if (IsTerminal(device.state())) {
    if (device.has_retry_at()) {
      retries_.erase({FromWire(device.retry_at()), device.device_id()});
    }
    return;
  }
  LaneIndex& lane = Of(LaneOf(device));
  const std::pair key(OrderOf(device.device_id()), device.device_id());
  if (IsInFlight(device.state())) {
    lane.busy.erase(key);
    --site_busy_[device.site()];
  } else if (lane.ready.erase(key) == 0) {
    lane.parked.erase(key);
  }
}

std::size_t MemberIndex::Open(Lane lane) const {
  return Of(lane).ready.size() + Of(lane).parked.size() + Of(lane).busy.size();
}

std::uint32_t MemberIndex::SiteBusy(const std::string& site) const {
  const auto found = site_busy_.find(site);
  return found == site_busy_.end() ? 0 : found->second;
}

void MemberIndex::Park(const v1::RolloutDevice& device) {
  LaneIndex& lane = Of(LaneOf(device));
  if (auto node = lane.ready.extract({OrderOf(device.device_id()), device.device_id()});
      !node.empty()) {
    lane.parked.insert(std::move(node));
  }
}

void MemberIndex::ParkForSite(const v1::RolloutDevice& device) {
  Park(device);
  site_waiting_[device.site()].insert(device.device_id());
}

bool MemberIndex::Wake(const v1::RolloutDevice& device) {
  LaneIndex& lane = Of(LaneOf(device));
  auto node = lane.parked.extract({OrderOf(device.device_id()), device.device_id()});
  if (node.empty()) {
    return false;
  }
  lane.ready.insert(std::move(node));
  return true;
}

void MemberIndex::WakeAll() {
  for (LaneIndex& lane : lanes_) {
    lane.ready.merge(lane.parked);
  }
}

std::string MemberIndex::TakeWaiting(const std::string& site) {
  const auto found = site_waiting_.find(site);
  if (found == site_waiting_.end()) {
    return {};
  }
  std::string next = std::move(found->second.extract(found->second.begin()).value());
  if (found->second.empty()) {
    site_waiting_.erase(found);
  }
  return next;
}

}  // namespace flotilla::rollout
