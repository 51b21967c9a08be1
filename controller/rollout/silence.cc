#include "controller/rollout/silence.h"

#include <cmath>

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kMinSilent = 3;
constexpr double kMinDifference = 0.01;
constexpr double kMinZ = 3;

}  // namespace

bool SilenceFires(const SilenceGroup& updated, const SilenceGroup& control) {
  if (updated.silent < kMinSilent || control.devices == 0) {
    return false;
  }
  const double nw = updated.devices;
  const double nc = control.devices;
  const double difference = updated.silent / nw - control.silent / nc;
  const double overall = (updated.silent + control.silent) / (nw + nc);
  const double deviation = std::sqrt(overall * (1 - overall) * (1 / nw + 1 / nc));
  return difference > kMinDifference && deviation > 0 && difference / deviation > kMinZ;
}

}  // namespace flotilla::rollout
