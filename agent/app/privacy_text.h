#ifndef FLOTILLA_AGENT_APP_PRIVACY_TEXT_H_
#define FLOTILLA_AGENT_APP_PRIVACY_TEXT_H_

#include <filesystem>
#include <string>

#include "flotilla/config/v1/agent.pb.h"

#include "base/status.h"
#include "base/time.h"

namespace flotilla::agent {

enum class ShowBytes { kUnspecified = 0, kCounted, kAll };

// What `flotilla-agent privacy` prints. All three read files of the state folder and change
// nothing, whether an agent runs or not.

// The owner's switches, the pinned helper, the budget; what this device would say, task by task, as
// the agent wrote it last; the sealed reports that wait (kAll: with their bytes, hexadecimal); what
// was sent. `now`: as below. INVALID_ARGUMENT: the configuration's word on metrics.
StatusOr<std::string> PrivacyText(const config::v1::AgentConfig& config, ShowBytes bytes, Time now);

// Every charge in the ledger, what counts at `now` (the least that the time can be), what is left,
// and when more is free.
std::string LedgerText(const std::filesystem::path& state_dir, Time now);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_PRIVACY_TEXT_H_
