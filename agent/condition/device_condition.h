// What a device says about itself: facts for selectors, a condition in enums.
#ifndef FLOTILLA_AGENT_CONDITION_DEVICE_CONDITION_H_
#define FLOTILLA_AGENT_CONDITION_DEVICE_CONDITION_H_

#include "flotilla/config/v1/agent.pb.h"
#include "flotilla/v1/session.pb.h"

#include "agent/condition/system_probe.h"
#include "base/time.h"

namespace flotilla::agent {

// The memory budget of the configuration, where there is one, counts as the machine's memory.
v1::DeviceFacts MakeFacts(const config::v1::AgentConfig& config, const SystemProbe& probe);

// Adds disk and certificate to `engines`, which has the lines. Clock and freshness: TrustWatch.
v1::Condition MakeCondition(const v1::Condition& engines, const DiskState& disk,
                            Time certificate_end);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_DEVICE_CONDITION_H_
