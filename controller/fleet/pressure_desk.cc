#include "controller/fleet/pressure_desk.h"

#include <cstddef>

#include "base/log.h"

namespace flotilla::controller {
namespace {

constexpr Duration kPeriod = absl::Milliseconds(100);
// Each may bring a row at once: a hundredth of the queue.
constexpr std::size_t kReleasedAtOnce = 2000;

}  // namespace

void PressureDesk::Start() {
  Look();
}

void PressureDesk::Look() {
  const LoadLevel before = pressure_.level();
  const QueueLoad load = commits_.load();
  const LoadLevel now = pressure_.Look(load);
  if (now != before) {
    Log(now > before ? LogLevel::kWarning : LogLevel::kInfo, "fleet.pressure",
        {{"level", LoadLevelName(now)}, {"rows", load.rows}, {"bytes", load.bytes}});
  }
  if (now == LoadLevel::kHeld) {
    reads_.Close();
  } else if (!reads_.open()) {
    reads_.Release(kReleasedAtOnce);
  }
  loop_.PostAfter(kPeriod, [this] { Look(); });
}

}  // namespace flotilla::controller
