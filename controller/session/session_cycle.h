#ifndef FLOTILLA_CONTROLLER_SESSION_SESSION_CYCLE_H_
#define FLOTILLA_CONTROLLER_SESSION_SESSION_CYCLE_H_

#include <optional>
#include <string_view>

#include "base/time.h"
#include "flotilla/v1/device.pb.h"

namespace flotilla::controller {

// Label of a device whose owner has it open a session for a moment every so often instead of
// keeping one: whole seconds, "900". The agent sets it by its configuration (session.every), so
// that a selector can name such devices.
inline constexpr std::string_view kSessionEveryLabel = "session-every";

// The label's value; nothing when it is none of 60 to 86,400.
std::optional<Duration> ParseSessionEvery(std::string_view text);

// How often the device opens a session; nothing: it keeps one.
std::optional<Duration> SessionCycleOf(const v1::Device& device);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_SESSION_CYCLE_H_
