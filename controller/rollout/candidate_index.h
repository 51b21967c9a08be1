#ifndef FLOTILLA_CONTROLLER_ROLLOUT_CANDIDATE_INDEX_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_CANDIDATE_INDEX_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <tuple>

#include "controller/rollout/fleet_view.h"
#include "controller/rollout/selector.h"

namespace flotilla::rollout {

// The devices that a rollout may still take into a wave, in cohort order, kept as devices change:
// a wave costs what it takes and not what the fleet holds. Filled once from the fleet.
class CandidateIndex {
 public:
  struct Candidate {
    std::uint64_t order = 0;
    std::string device_id;
    friend bool operator<(const Candidate& a, const Candidate& b) {
      return std::tie(a.order, a.device_id) < std::tie(b.order, b.device_id);
    }
  };
  enum class Order {
    kHash,
    // By bucket, then hash: what a percentage takes first.
    kBucket,
  };
  // Whether to go on.
  using Visit = std::function<bool(const Candidate&)>;

  bool filled() const { return filled_; }
  // `order_of`: cohort hash of a device id.
  void Fill(const FleetView& fleet, const Selector& selector,
            const std::function<std::uint64_t(const std::string&)>& order_of,
            const std::function<bool(const std::string&)>& is_member);
  void Add(std::uint64_t order, const std::string& device_id);
  void Remove(std::uint64_t order, const std::string& device_id);
  void Clear();
  std::size_t size() const { return by_hash_.size(); }

  void ForEach(Order order, const Visit& visit);

 private:
  struct ByBucket {
    bool operator()(const Candidate& a, const Candidate& b) const;
  };

  bool filled_ = false;
  std::set<Candidate> by_hash_;
  // Filled when it is first asked for.
  std::set<Candidate, ByBucket> by_bucket_;
  bool has_buckets_ = false;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_CANDIDATE_INDEX_H_
