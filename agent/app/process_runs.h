// What the process does under each subcommand that works on the device's state.
#ifndef FLOTILLA_AGENT_APP_PROCESS_RUNS_H_
#define FLOTILLA_AGENT_APP_PROCESS_RUNS_H_

#include <signal.h>

#include <filesystem>

#include "flotilla/config/v1/agent.pb.h"

#include "base/status.h"

namespace flotilla::agent {

enum class PrivacyView { kUnspecified = 0, kShow, kBytes, kKey, kLedger };

// What private health does on this device (privacy_text.h), or its reporting key for the helper's
// list. Reads files only, beside a running agent too; NOT_FOUND: not enrolled, so without a key.
Status PrintPrivacy(const config::v1::AgentConfig& config, PrivacyView view);

// Each of these takes the state folder's lock (FAILED_PRECONDITION: another agent holds it) and
// blocks. Call them before any other thread starts; `ends` are signals that are blocked in all
// threads.

// Enrols if that is needed, then serves and updates until one of `ends` comes or the device leaves
// the fleet. A TPM that does not answer stops no model: what is installed serves until it does.
Status RunAgent(const config::v1::AgentConfig& config, const sigset_t& ends);
// Exchanges the token for an identity, once. `anew`: forgets the identity that is there first.
Status EnrollOnce(const config::v1::AgentConfig& config, bool anew);
// By the agent that runs, or by this process where none does.
Status InstallBundleFile(const config::v1::AgentConfig& config, const std::filesystem::path& file);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_PROCESS_RUNS_H_
