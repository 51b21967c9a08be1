#include "controller/rollout/facet_tally.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kFewestFailures = 3;
constexpr double kSignificance = 0.01;

// ln n!; Stirling's series above 20, where it is right to nine digits. lgamma is not for threads.
double LogFactorial(std::uint32_t n) {
  constexpr std::uint32_t kExact = 20;
  double value = 0;
  if (n <= kExact) {
    for (std::uint32_t i = 2; i <= n; ++i) {
      value += std::log(i);
    }
    return value;
  }
  const double x = n;
  return x * std::log(x) - x + std::log(2 * std::numbers::pi * x) / 2 + 1 / (12 * x) -
         1 / (360 * x * x * x);
}

double LogChoose(std::uint32_t n, std::uint32_t k) {
  return LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);
}

void Step(std::uint32_t& value, int by) {
  if (by > 0) {
    ++value;
  } else if (by < 0 && value > 0) {
    --value;
  }
}

}  // namespace

std::vector<Facet> FacetsOf(const v1::RolloutDevice& row, const v1::Device* device) {
  std::vector<Facet> facets;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      facets.emplace_back(name, value);
    }
  };
  add("site", row.site());
  if (device != nullptr) {
    add("hardware", device->facts().hardware());
    add("engine", device->engine_version());
  }
  return facets;
}

double HypergeometricTail(std::uint32_t failures_in, std::uint32_t failures, std::uint32_t size_in,
                          std::uint32_t size) {
  const std::uint32_t outside = size - size_in;
  const std::uint32_t least = failures > outside ? failures - outside : 0;
  const double all = LogChoose(size, failures);
  double tail = 0;
  for (std::uint32_t k = std::max(failures_in, least); k <= std::min(failures, size_in); ++k) {
    tail += std::exp(LogChoose(size_in, k) + LogChoose(outside, failures - k) - all);
  }
  return std::min(1.0, tail);
}

void FacetTally::Add(const std::vector<Facet>& facets, int tried, int failed) {
  Step(all_.tried, tried);
  Step(all_.failed, failed);
  for (const Facet& facet : facets) {
    Count& count = counts_[facet];
    Step(count.tried, tried);
    Step(count.failed, failed);
  }
}

std::optional<FacetTally::Cluster> FacetTally::WorstOf(const std::vector<Facet>& facets) const {
  std::optional<Cluster> worst;
  for (const Facet& facet : facets) {
    const auto found = counts_.find(facet);
    if (found == counts_.end()) {
      continue;
    }
    const Count& count = found->second;
    const bool may_be = count.failed >= kFewestFailures && count.tried <= all_.tried / 2 &&
                        count.failed <= count.tried && all_.failed <= all_.tried &&
                        count.failed <= all_.failed;
    if (!may_be) {
      continue;
    }
    const double tail = HypergeometricTail(count.failed, all_.failed, count.tried, all_.tried);
    const bool significant = tail * static_cast<double>(counts_.size()) < kSignificance;
    if (significant && (!worst.has_value() || tail < worst->tail)) {
      worst = Cluster{facet, count, tail};
    }
  }
  return worst;
}

}  // namespace flotilla::rollout
