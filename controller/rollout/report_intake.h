#ifndef FLOTILLA_CONTROLLER_ROLLOUT_REPORT_INTAKE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_REPORT_INTAKE_H_

#include <string>

#include "controller/rollout/rollout_run.h"
#include "flotilla/v1/update.pb.h"

namespace flotilla::rollout {

// Takes a device's report into its row and lets the judge act on the outcome: abort (or pause, as
// the spec says) at a failing verdict, pause for trust, targeting and delivery. Reports that say
// nothing new change nothing.
void ApplyReport(RolloutRun& run, const std::string& device_id, const v1::UpdateReport& report,
                 const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_REPORT_INTAKE_H_
