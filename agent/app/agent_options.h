#ifndef FLOTILLA_AGENT_APP_AGENT_OPTIONS_H_
#define FLOTILLA_AGENT_APP_AGENT_OPTIONS_H_

#include <memory>
#include <string>

#include "flotilla/config/v1/agent.pb.h"

#include "agent/condition/system_probe.h"
#include "agent/session/session_client.h"
#include "agent/trust/trust_desk.h"
#include "base/bytes.h"
#include "base/status.h"
#include "ota/update_runner.h"
#include "security/http_proxy.h"

namespace flotilla::agent {

// What the agent's parts are told out of its configuration.

// The TUF root that the device was shipped with. Errors say what to name.
StatusOr<Bytes> ReadTrustRoot(const std::string& file);
SessionOptions SessionOptionsOf(const config::v1::AgentConfig& config);
// Reads the approvers' keys. INVALID_ARGUMENT: fewer of them than have to approve.
StatusOr<ota::UpdateRunnerOptions> RunnerOptionsOf(const config::v1::AgentConfig& config,
                                                   const SystemProbe& probe);
// Null: the configuration names none. Errors: HttpProxy::Read's; INVALID_ARGUMENT: credentials
// alone.
StatusOr<std::shared_ptr<const security::HttpProxy>> ProxyOf(const config::v1::AgentConfig& config);
TrustDeskOptions TrustOptionsOf(const config::v1::AgentConfig& config);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_AGENT_OPTIONS_H_
