#include "tests/swarm/agents/agent_command.h"

#include <system_error>

#include "absl/strings/str_cat.h"

namespace flotilla::swarm {

std::string AgentName(const AgentSetup& setup, std::size_t agent) {
  return absl::StrCat(setup.prefix, agent + 1);
}

std::filesystem::path AgentFolder(const AgentSetup& setup, std::size_t agent) {
  return setup.folder / "agents" / AgentName(setup, agent);
}

std::filesystem::path AgentLog(const AgentSetup& setup, std::size_t agent) {
  return AgentFolder(setup, agent) / "agent.log";
}

bool IsEnrolled(const AgentSetup& setup, std::size_t agent) {
  std::error_code error;
  return std::filesystem::exists(AgentFolder(setup, agent) / "state/identity/device.pem", error);
}

Command AgentCommand(const AgentSetup& setup, std::size_t agent) {
  Command words = {setup.agent.string(),
                   "run",
                   "--state-dir",
                   (AgentFolder(setup, agent) / "state").string(),
                   "--device-id",
                   AgentName(setup, agent),
                   "--trust-root",
                   setup.trust_root.string(),
                   "--enrolment-address",
                   setup.enrolment,
                   "--device-address",
                   setup.controller,
                   "--listen",
                   "127.0.0.1:0"};
  if (!setup.engine.empty()) {
    words.insert(words.end(), {"--engine", setup.engine.string()});
  }
  if (!setup.token_file.empty() && !IsEnrolled(setup, agent)) {
    words.insert(words.end(), {"--token-file", setup.token_file.string()});
  }
  words.insert(words.end(), setup.more.begin(), setup.more.end());
  return words;
}

}  // namespace flotilla::swarm
