// Rollouts as people read them.
#ifndef FLOTILLA_FLEETCTL_ROLLOUT_ROLLOUT_TEXT_H_
#define FLOTILLA_FLEETCTL_ROLLOUT_ROLLOUT_TEXT_H_

#include <string>

#include "flotilla/v1/rollout.pb.h"

#include "base/time.h"
#include "fleetctl/output/output.h"

namespace flotilla::fleetctl {

enum class Width { kUnspecified = 0, kNormal, kWide };

// "RUNNING", "PAUSED (GATE)".
std::string StateCell(const v1::Rollout& rollout);
// "pump 2.0.0".
std::string ReleaseCell(const v1::Rollout& rollout);

// One line: state, each wave with its devices, and the judge's evidence of the wave in progress.
std::string ProgressLine(const v1::Rollout& rollout);

// A line for each wave that has a private gate; empty: none has.
std::string GuardLines(const v1::Rollout& rollout);

// Its windows, and when each wave that waits can start at the earliest were it started `now`; empty
// without windows.
std::string WindowText(const v1::Rollout& rollout, Time now);

// The waves of a rollout that is not started: size, gate, soak, earliest start.
Table PlanTable(const v1::Rollout& rollout, Time now);

Table RolloutsTable(const v1::ListRolloutsResponse& response);
Table FieldsTable(const v1::Rollout& rollout);
Table WavesTable(const v1::Rollout& rollout);
Table DevicesTable(const v1::ListRolloutDevicesResponse& response, const v1::Rollout& rollout,
                   Width width);

// The exit code of `rollout status --wait`, or kWaitGoesOn while there is something to wait for.
inline constexpr int kWaitGoesOn = -1;
// Whether a pause that a person has to end ends the waiting too.
enum class AtPause { kUnspecified = 0, kGoOn, kStop };
int WaitCodeOf(const v1::Rollout& rollout, AtPause at_pause);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_ROLLOUT_ROLLOUT_TEXT_H_
