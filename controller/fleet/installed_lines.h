#ifndef FLOTILLA_CONTROLLER_FLEET_INSTALLED_LINES_H_
#define FLOTILLA_CONTROLLER_FLEET_INSTALLED_LINES_H_

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/update.pb.h"

namespace flotilla::controller {

// Brings device.lines up to date with what `report` says happened, between one Hello (which carries
// the full truth) and the next.
void TakeReportedLine(const v1::UpdateReport& report, v1::Device& device);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_INSTALLED_LINES_H_
