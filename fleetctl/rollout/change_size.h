// How many devices an action on a rollout changes, and the question that a person is asked before
// it is many. Pure.
#ifndef FLOTILLA_FLEETCTL_ROLLOUT_CHANGE_SIZE_H_
#define FLOTILLA_FLEETCTL_ROLLOUT_CHANGE_SIZE_H_

#include <cstdint>
#include <string>

#include "flotilla/v1/rollout.pb.h"

namespace flotilla::fleetctl {

// An action that changes more devices than this is shown and asked about first.
inline constexpr std::uint32_t kAskAbove = 50;

// Whether the action sets devices in motion at all, so that they have to be counted. A pause, a
// resume and an extension change no more than a start that somebody said yes to.
bool MovesDevices(v1::RolloutAction action, const v1::Rollout& rollout);

// The devices of a rollout that ABORT, ROLLBACK or RETRY sets in motion.
std::uint32_t MovedDevices(v1::RolloutAction action, const v1::ListRolloutDevicesResponse& devices);

// "Start rollout r of pump 2.0.0 on 120 devices?"
std::string ChangeQuestion(v1::RolloutAction action, const v1::Rollout& rollout,
                           const std::string& count);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_ROLLOUT_CHANGE_SIZE_H_
