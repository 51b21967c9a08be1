#ifndef FLOTILLA_AGENT_UPDATE_UPDATE_REPORT_H_
#define FLOTILLA_AGENT_UPDATE_UPDATE_REPORT_H_

#include <string>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "base/time.h"

namespace flotilla::agent {

// A report about `assignment` without boot epoch and sequence, which the outbox gives.
v1::UpdateReport MakeReport(const v1::Assignment& assignment, v1::DeploymentState state, Time now);

// Adds why: reason, role, retryable, attack_suspected.
void AddFailure(const Status& failure, v1::UpdateReport& report);

// The TUF role that the text of a trust failure names ("refresh_metadata: timestamp: expired at .."
// -> "timestamp"); empty when it names none or the failure is of another family.
std::string FailedRole(const Status& failure);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_UPDATE_UPDATE_REPORT_H_
