// Private health as text on a terminal.
#ifndef FLOTILLA_FLEETCTL_HEALTH_HEALTH_TEXT_H_
#define FLOTILLA_FLEETCTL_HEALTH_HEALTH_TEXT_H_

#include <string>

#include "flotilla/v1/health.pb.h"

namespace flotilla::fleetctl {

// A task's newest window that was collected, as a histogram with the interval of each count, what
// it cost, the cohort, and who runs the helper; the state of newer windows, or of all when none was
// collected, and why nothing is shown of them. Ends with a line feed.
std::string HealthText(const v1::HealthResult& result);

// "The two aggregators are not independent: ...".
std::string IndependenceText(const v1::HealthTask& task);

// All results, and what may be said of them; or why there is none.
std::string HealthListText(const v1::ListHealthResponse& response);

// What was asked for, and when there will be an answer.
std::string AskedText(const v1::HealthTask& task);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_HEALTH_HEALTH_TEXT_H_
