#ifndef FLOTILLA_AGENT_HEALTH_OWNERS_RULES_H_
#define FLOTILLA_AGENT_HEALTH_OWNERS_RULES_H_

#include "flotilla/config/v1/agent.pb.h"

#include "agent/health/task_admission.h"
#include "base/status.h"

namespace flotilla::agent {

// The owner's word, out of the device's configuration. Metrics that it does not name are as in the
// table. INVALID_ARGUMENT: health.metrics names one that there is not.
StatusOr<OwnersRules> OwnersRulesOf(const config::v1::PrivateHealth& health);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_OWNERS_RULES_H_
