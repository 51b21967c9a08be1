#include "agent/enrol/renewal_plan.h"

#include <algorithm>

#include "base/jitter.h"

namespace flotilla::agent {
namespace {

constexpr int kJitterParts = 12;
constexpr int kBaseParts = 100;
constexpr int kCapParts = 20;
constexpr Duration kLeastDelay = absl::Milliseconds(100);
constexpr Duration kMostBase = absl::Minutes(1);
constexpr Duration kMostCap = absl::Hours(6);

}  // namespace

Time RenewalTime(Time not_before, Time not_after, Random& random) {
  const Duration life = std::max(not_after - not_before, absl::ZeroDuration());
  return not_before + life * 2 / 3 + UniformUpTo(random, life / kJitterParts);
}

BackoffOptions RenewalBackoff(Time not_before, Time not_after) {
  const Duration life = std::max(not_after - not_before, absl::ZeroDuration());
  return {std::clamp(life / kBaseParts, kLeastDelay, kMostBase),
          std::clamp(life / kCapParts, kLeastDelay, kMostCap)};
}

}  // namespace flotilla::agent
