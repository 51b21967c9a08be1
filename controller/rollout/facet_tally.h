#ifndef FLOTILLA_CONTROLLER_ROLLOUT_FACET_TALLY_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_FACET_TALLY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// What devices have in common: "hardware", "site" or "engine", and which.
using Facet = std::pair<std::string, std::string>;

// As far as they are known. `device` may be nullptr.
std::vector<Facet> FacetsOf(const v1::RolloutDevice& row, const v1::Device* device);

// The probability that at least `failures_in` of `failures` fall on a stratum of `size_in` out of
// `size` devices by chance: the upper tail of the hypergeometric distribution.
double HypergeometricTail(std::uint32_t failures_in, std::uint32_t failures, std::uint32_t size_in,
                          std::uint32_t size);

// Who tried a release and failed, by what they have in common.
class FacetTally {
 public:
  struct Count {
    std::uint32_t tried = 0;
    std::uint32_t failed = 0;
  };
  struct Cluster {
    Facet facet;
    Count count;
    double tail = 1;
  };

  // Steps of -1, 0 or 1; a count never falls below zero.
  void Add(const std::vector<Facet>& facets, int tried, int failed);

  // The facet whose failures chance explains least, when it is a cluster: at least 3 failures, at
  // most half of the devices, and tail * number of facets below 0.01. O(failures), whatever the
  // fleet's size.
  std::optional<Cluster> WorstOf(const std::vector<Facet>& facets) const;

 private:
  std::map<Facet, Count> counts_;
  Count all_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_FACET_TALLY_H_
