#include "controller/rollout/candidate_index.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "controller/rollout/cohort.h"
#include "controller/rollout/reach.h"

namespace flotilla::rollout {

bool CandidateIndex::ByBucket::operator()(const Candidate& a, const Candidate& b) const {
  const auto bucket_a = a.order % kCohortBuckets;
  const auto bucket_b = b.order % kCohortBuckets;
  return bucket_a != bucket_b ? bucket_a < bucket_b : a < b;
}

void CandidateIndex::Fill(const FleetView& fleet, const Selector& selector,
                          const std::function<std::uint64_t(const std::string&)>& order_of,
                          const std::function<bool(const std::string&)>& is_member) {
  Clear();
  std::vector<Candidate> candidates;
  fleet.ForEachDevice([&](const v1::Device& device) {
    if (IsServed(device) && !is_member(device.id()) &&
        (selector.matches_all() || selector.Matches(device))) {
      candidates.push_back({order_of(device.id()), device.id()});
    }
  });
  std::sort(candidates.begin(), candidates.end());
  for (Candidate& candidate : candidates) {
    by_hash_.insert(by_hash_.end(), std::move(candidate));
  }
  filled_ = true;
}

void CandidateIndex::Add(std::uint64_t order, const std::string& device_id) {
  by_hash_.insert({order, device_id});
  if (has_buckets_) {
    by_bucket_.insert({order, device_id});
  }
}

void CandidateIndex::Remove(std::uint64_t order, const std::string& device_id) {
  by_hash_.erase({order, device_id});
  if (has_buckets_) {
    by_bucket_.erase({order, device_id});
  }
}

void CandidateIndex::Clear() {
  by_hash_.clear();
  by_bucket_.clear();
  filled_ = false;
  has_buckets_ = false;
}

void CandidateIndex::ForEach(Order order, const Visit& visit) {
  if (order == Order::kHash) {
    (void)std::all_of(by_hash_.begin(), by_hash_.end(), visit);
    return;
  }
  if (!has_buckets_) {
    by_bucket_.insert(by_hash_.begin(), by_hash_.end());
    has_buckets_ = true;
  }
  (void)std::all_of(by_bucket_.begin(), by_bucket_.end(), visit);
}

}  // namespace flotilla::rollout
