#include "controller/rollout/wave_schedule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "controller/rollout/rollout_windows.h"
#include "controller/rollout/window_clock.h"
#include "controller/rollout/window_words.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

std::vector<std::string> ZonesOf(const v1::Rollout& rollout) {
  std::vector<std::string> zones;
  for (const v1::ZoneWindows& windows : rollout.zone_windows()) {
    zones.push_back(windows.zone());
  }
  return zones.empty() ? std::vector<std::string>{""} : zones;
}

// In the zone that lets it earliest.
Time First(const v1::Rollout& rollout, Time from,
           Time (*next)(const v1::RolloutSpec&, const std::string&, Time)) {
  Time first = absl::InfiniteFuture();
  for (const std::string& zone : ZonesOf(rollout)) {
    first = std::min(first, next(rollout.spec(), zone, from));
  }
  return first;
}

}  // namespace

std::vector<Time> EarliestStarts(const v1::Rollout& rollout, Time now) {
  std::vector<Time> starts;
  Time ready = now;
  for (const v1::Wave& wave : rollout.waves()) {
    const bool dispatched = wave.has_dispatched_at();
    const Time start =
        dispatched ? FromWire(wave.dispatched_at()) : First(rollout, ready, &NextOffer);
    starts.push_back(start);
    if (wave.state() == v1::WAVE_STATE_PASSED || start == absl::InfiniteFuture()) {
      ready = std::max(ready, start);
      continue;
    }
    const Time runs = First(rollout, std::max(start, now), &NextActivation);
    const Time soaked = wave.has_soak_ends_at()
                            ? FromWire(wave.soak_ends_at())
                            : runs + FromWire(rollout.spec().strategy().trial_duration()) +
                                  FromWire(wave.spec().soak());
    ready = std::max(ready, soaked);
  }
  return starts;
}

std::vector<std::string> WindowLines(const v1::RolloutSpec& spec) {
  std::vector<std::string> lines;
  for (const v1::Window& window : spec.windows()) {
    lines.push_back(
        absl::StrCat(window.rrule(), " for ", DurationText(FromWire(window.duration())), " in ",
                     window.zone().empty() ? std::string(kUtcZone) : window.zone(),
                     window.zone() == kDeviceLocal ? " (the device's label zone, else UTC)" : "",
                     ": ", KindName(window.applies())));
  }
  return lines;
}

}  // namespace flotilla::rollout
