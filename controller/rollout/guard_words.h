// The private gate of a wave in sentences, without a full stop.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_GUARD_WORDS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_GUARD_WORDS_H_

#include <string>

#include "flotilla/v1/rollout.pb.h"

#include "controller/rollout/health_gate.h"

namespace flotilla::rollout {

v1::GuardReason ReasonOf(HealthReason reason);

// "expected to be smoke only: ...".
std::string ForecastText(const v1::WaveGuard& guard);
// Of one that has begun: what it finds, who is asked, how far it is, what stands in its way.
std::string OpenText(const v1::WaveGuard& guard);
// Between two looks.
std::string LookAgainText(const v1::WaveGuard& guard, const std::string& evidence);
// "FAIL after look 1 of 2: <evidence>; <what it finds>".
std::string DecidedText(const v1::WaveGuard& guard, const std::string& evidence);

// "Private gate of wave canary: FAIL after look 1 of 2: ... ." for `rollout explain` and `status`;
// empty: the wave has none.
std::string GuardSentence(const v1::Wave& wave);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_GUARD_WORDS_H_
