// Which devices do not answer with a model of their own, and why. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SERVING_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SERVING_H_

#include <optional>
#include <string>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::rollout {

// A line that answers with no model: nothing at all, or a static answer.
struct NotServing {
  // Empty: the device has told of no line, nothing is installed.
  std::string line;
  // ENGINE_CONDITION_UNSPECIFIED with an empty line.
  v1::EngineCondition engine = v1::ENGINE_CONDITION_UNSPECIFIED;
  v1::FailureReason cause = v1::FAILURE_REASON_UNSPECIFIED;
};

// The first such line, by what the device said last; nullopt: every line serves or is about to, or
// the device is no part of the fleet any more (revoked, decommissioned).
std::optional<NotServing> FindNotServing(const v1::Device& device);

// "static_answer", "stopped", "safe_mode", "crash_looping", "quarantined", "off", "not_installed":
// the label of fleet_devices_not_serving, and what `device list --not-serving` shows.
std::string NameOf(const NotServing& line);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SERVING_H_
