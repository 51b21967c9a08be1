// The agent's configuration: read strictly, completed with defaults, checked.
#ifndef FLOTILLA_AGENT_APP_AGENT_CONFIG_H_
#define FLOTILLA_AGENT_APP_AGENT_CONFIG_H_

#include <filesystem>

#include "flotilla/config/v1/agent.pb.h"

#include "base/log.h"
#include "base/status.h"

namespace flotilla::agent {

// INVALID_ARGUMENT with file:line:col.
StatusOr<config::v1::AgentConfig> ReadAgentConfig(const std::filesystem::path& path);

// Fills in what was left out (`program_dir` is where flotilla-agent lies) and checks the rest:
// INVALID_ARGUMENT names the field.
Status CompleteConfig(const std::filesystem::path& program_dir, config::v1::AgentConfig& config);

// INVALID_ARGUMENT unless debug, info, warning or error.
StatusOr<LogLevel> LogLevelOf(const config::v1::AgentConfig& config);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_AGENT_CONFIG_H_
