#ifndef FLOTILLA_FLEETCTL_TRUST_STAGE_VIEW_H_
#define FLOTILLA_FLEETCTL_TRUST_STAGE_VIEW_H_

#include <iosfwd>
#include <vector>

#include <boost/json/object.hpp>

#include "base/status.h"
#include "base/time.h"
#include "fleetctl/trust/stage.h"

namespace flotilla::fleetctl {

// Whether every threshold of every staged file is met.
bool IsComplete(const std::vector<StagedFile>& files);

// What is staged against what it replaces, who has signed, who is missing: for people.
Status PrintStage(std::ostream& out, const Stage& stage, Time now);
// The same for programs: {"files": [{"role", "version", "replaces", "changes", "requirements"}],
// "complete"}.
StatusOr<boost::json::object> StageJson(const Stage& stage, Time now);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_STAGE_VIEW_H_
