// When a window is open. Pure: takes `now`; the rules of zones come from the system's zone files.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WINDOW_CLOCK_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WINDOW_CLOCK_H_

#include <string>

#include "absl/time/time.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/window.pb.h"

#include "base/status.h"
#include "base/time.h"

namespace flotilla::rollout {

inline constexpr char kDeviceLocal[] = "device-local";
inline constexpr char kUtcZone[] = "UTC";

// INVALID_ARGUMENT names what is wrong.
Status CheckWindow(const v1::Window& window);

// INVALID_ARGUMENT: no IANA zone of this name is known here. Nothing but a zone file is opened.
StatusOr<absl::TimeZone> FindZone(const std::string& name);
// The zone of a device for windows that are device-local: its label "zone", the operator's over the
// owner's; UTC without one or with one that names no zone.
std::string ZoneOf(const v1::Device& device);

struct WindowState {
  bool open = false;
  // When it opens next: after `now`. InfiniteFuture: never again.
  Time opens_at = absl::InfiniteFuture();
  // `open` is the same until then at least.
  Time changes_at = absl::InfiniteFuture();
};

// `local_zone`: of windows that are device-local. Open from each opening for the window's duration
// of elapsed time. Where clocks jump forward over an opening it is the moment of the jump; where
// they go back it is the first of the two.
WindowState StateAt(const v1::Window& window, const std::string& local_zone, Time now);

// "Tue 24 Nov 2026 01:00 in Europe/Vienna (2026-11-24T00:00:00Z)".
std::string TimeInZone(Time time, const std::string& zone);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WINDOW_CLOCK_H_
