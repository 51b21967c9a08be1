#include "telemetry/dp/budget.h"

#include <cstdint>

namespace flotilla::dp {

std::uint64_t RemainingNanoEpsilon(const PrivacyCost& spent) {
  const std::uint64_t total = TotalNanoEpsilon(spent);
  return total >= kCapNanoEpsilon ? 0 : kCapNanoEpsilon - total;
}

Status CheckFits(const PrivacyCost& spent, const PrivacyCost& next) {
  if (next == PrivacyCost{}) {
    return InvalidArgument("a report that costs no privacy budget does not exist");
  }
  if (TotalNanoEpsilon(spent + next) > kCapNanoEpsilon) {
    return ResourceExhausted("the privacy budget of 8 in 90 days does not allow this report");
  }
  return OkStatus();
}

}  // namespace flotilla::dp
