#include "controller/session/reconnect_pace.h"

#include <algorithm>
#include <cmath>

namespace flotilla::controller {
namespace {

// A session that comes back costs about 6 ms of CPU: its handshake, its Hello, the commit of that
// and its desired state (docs/capacity.md).
constexpr double kHandshakesPerSecondAndCore = 100;
constexpr double kSpreadMargin = 1.5;
constexpr Duration kShortestSpread = absl::Seconds(5);

Duration TimeFor(std::size_t sessions, double handshakes_per_second) {
  return absl::Seconds(static_cast<double>(sessions) / handshakes_per_second * kSpreadMargin);
}

}  // namespace

double SafeHandshakeRate(unsigned cores) {
  return kHandshakesPerSecondAndCore * std::max(1U, cores);
}

Duration ReconnectSpread(std::size_t sessions, double handshakes_per_second) {
  return std::max(kShortestSpread, TimeFor(sessions, handshakes_per_second));
}

bool IsOutdatedSpread(Duration told, Duration wanted) {
  return wanted * 4 >= told * 5 || wanted * 2 <= told;
}

Duration DrainWindow(std::size_t sessions, double handshakes_per_second, Duration limit) {
  return std::min(limit, TimeFor(sessions, handshakes_per_second));
}

std::size_t ClosedBy(std::size_t sessions, Duration elapsed, Duration window) {
  if (elapsed >= window) {
    return sessions;
  }
  const double share = absl::FDivDuration(elapsed, window);
  return static_cast<std::size_t>(std::ceil(share * static_cast<double>(sessions)));
}

}  // namespace flotilla::controller
