#include "controller/rollout/site_bursts.h"

#include <utility>

namespace flotilla::rollout {

SiteBursts::Counts SiteBursts::Note(const std::string& device_id, const std::string& site,
                                    std::uint32_t sites_tried, Time now) {
  if (site.empty()) {
    return Counts::kYes;
  }
  Expire(now);
  const bool failed_before = sites_.contains(site);
  Load(device_id, site, Counts::kYes, now);
  if (sites_.size() >= kManySites) {
    for (const std::string& other : with_another_) {
      failures_.at(other).counts = Counts::kYes;
      released_.push_back(other);
    }
    with_another_.clear();
    return Counts::kYes;
  }
  if (!failed_before || sites_tried < kManySites) {
    return Counts::kYes;
  }
  failures_.at(device_id).counts = Counts::kWithAnother;
  with_another_.insert(device_id);
  return Counts::kWithAnother;
}

void SiteBursts::Load(const std::string& device_id, const std::string& site, Counts counts,
                      Time at) {
  Drop(device_id);
  failures_[device_id] = {site, counts, at};
  by_time_.emplace(at, device_id);
  ++sites_[site];
  if (counts == Counts::kWithAnother) {
    with_another_.insert(device_id);
  }
}

void SiteBursts::Forget(const std::string& device_id) {
  Drop(device_id);
}

std::vector<std::string> SiteBursts::TakeReleased() {
  return std::exchange(released_, {});
}

void SiteBursts::Expire(Time now) {
  while (!by_time_.empty() && by_time_.begin()->first <= now - kWindow) {
    const std::string device_id = by_time_.begin()->second;
    Drop(device_id);
  }
}

void SiteBursts::Drop(const std::string& device_id) {
  const auto found = failures_.find(device_id);
  if (found == failures_.end()) {
    return;
  }
  const auto site = sites_.find(found->second.site);
  if (--site->second == 0) {
    sites_.erase(site);
  }
  by_time_.erase({found->second.at, device_id});
  with_another_.erase(device_id);
  failures_.erase(found);
}

}  // namespace flotilla::rollout
