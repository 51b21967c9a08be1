#ifndef FLOTILLA_CONTROLLER_FLEET_DEVICE_STORY_H_
#define FLOTILLA_CONTROLLER_FLEET_DEVICE_STORY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/update.pb.h"

namespace flotilla::controller {

enum class SessionPresence { kUnspecified = 0, kOpen, kNone };

// One report as a sentence: release, state, reason by name and number, role, golden score.
std::string ReportSentence(const v1::UpdateReport& report);

// Why a device is as it is, most important first: what stops it from being served at all, its
// newest report, what the rollouts say (`rollout_lines`), its session. At most 64 lines.
std::vector<std::string> TellDevice(const v1::Device& device, SessionPresence session,
                                    const std::vector<std::string>& rollout_lines);

// The newest desired state of the device is not sent yet: `waiting` devices are told of a change,
// so many a second.
std::string TellTurn(std::size_t waiting, double per_second);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_DEVICE_STORY_H_
