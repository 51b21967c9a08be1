// How fast a rollout may offer its release.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_RATE_RAMP_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_RATE_RAMP_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "base/time.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// "50/m" as devices per second; also /s and /h. INVALID_ARGUMENT.
StatusOr<double> ParseRate(std::string_view text);

// INVALID_ARGUMENT names the field.
Status CheckRamp(const v1::RateRamp& ramp);

// Devices per second after so many have succeeded; absent when the ramp limits nothing.
std::optional<double> RateAfter(const v1::RateRamp& ramp, std::uint32_t succeeded);

// Offers that a rate allows. Not durable: after a restart it begins with one.
class OfferTokens {
 public:
  // Takes one offer, or says that none is left now. A rate may be caught up with for 10 seconds.
  bool Take(std::optional<double> rate, Time now);

 private:
  double tokens_ = 1;
  Time filled_at_ = absl::InfinitePast();
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_RATE_RAMP_H_
