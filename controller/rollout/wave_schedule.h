#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WAVE_SCHEDULE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WAVE_SCHEDULE_H_

#include <string>
#include <vector>

#include "base/time.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// When each wave can start at the earliest, were the rollout started `now` (or as it stands, when
// it runs): the windows, the trial and the soaks of the waves before it, as if nothing took any
// other time and nobody waited at a gate. InfiniteFuture: never, its windows do not open any more.
std::vector<Time> EarliestStarts(const v1::Rollout& rollout, Time now);

// "FREQ=DAILY;BYHOUR=1 for 4h in device-local: activate", a line each.
std::vector<std::string> WindowLines(const v1::RolloutSpec& spec);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WAVE_SCHEDULE_H_
