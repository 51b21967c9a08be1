#ifndef FLOTILLA_TELEMETRY_DP_CHARGE_H_
#define FLOTILLA_TELEMETRY_DP_CHARGE_H_

#include <array>
#include <cstdint>

#include "telemetry/dp/cost.h"

namespace flotilla::dp {

// Names one task and one of its windows: the first 16 bytes of a digest over both. There is one
// report for each, so there is one charge for each.
using ChargeId = std::array<std::uint8_t, 16>;

struct Charge {
  ChargeId id{};
  std::uint32_t metric = 0;  // of the schema, for the person who asks what was sent
  PrivacyCost cost;

  friend bool operator==(const Charge&, const Charge&) = default;
};

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_CHARGE_H_
