#ifndef FLOTILLA_FLEETCTL_ROLLOUT_SPEC_OPTIONS_H_
#define FLOTILLA_FLEETCTL_ROLLOUT_SPEC_OPTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"

namespace flotilla::fleetctl {

// What `rollout create` was asked for on the command line. Empty means not stated.
struct SpecOptions {
  std::string name;
  std::string line;
  std::string version;
  // "1,3,rest", "1%,10%,rest".
  std::string waves;
  // "auto" or "manual".
  std::string gate;
  // Durations: "30s", "6h".
  std::string soak;
  std::string trial;
  std::string selector;
  // "auto" or "none".
  std::string rollback;
  std::uint32_t max_in_flight = 0;
  std::uint32_t priority = 0;
  // "refuse", "replace" or "queue".
  std::string on_overlap;
  // As ReadWindow takes them.
  std::vector<std::string> windows;
  // The private gate: a share, "5%", "0.05"; the others say more about it.
  std::string guard;
  std::uint32_t guard_looks = 0;
  bool guard_shadow = false;
  std::string guard_demo_window;
};

// "FREQ=DAILY;BYHOUR=1 4h [ZONE [accept|download|activate]]"; the zone is UTC, the window for
// accept unless stated. INVALID_ARGUMENT.
StatusOr<v1::Window> ReadWindow(const std::string& text);

// The specification, with the checks that the controller will make too. The name is
// "<line>-<version>" unless stated. `gate` holds for every wave after the first. INVALID_ARGUMENT
// names the option.
StatusOr<v1::RolloutSpec> SpecFromOptions(const SpecOptions& options);

// The same from a manifest's text (docs of flotilla/config/v1/rollout.proto). INVALID_ARGUMENT
// names file, line and column, or the field.
StatusOr<v1::RolloutSpec> SpecFromManifest(std::string_view text, const std::string& file_name);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_ROLLOUT_SPEC_OPTIONS_H_
