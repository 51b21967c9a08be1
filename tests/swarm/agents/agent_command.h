#ifndef FLOTILLA_TESTS_SWARM_AGENTS_AGENT_COMMAND_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_AGENT_COMMAND_H_

#include <cstddef>
#include <filesystem>
#include <string>

#include "tests/support/child/process.h"

namespace flotilla::swarm {

// What every agent is started with.
struct AgentSetup {
  std::filesystem::path agent;   // flotilla-agent
  std::filesystem::path engine;  // flotilla-engine; empty: the agent's own choice
  std::string controller;        // "host:port" of the device listener
  std::string enrolment;         // "host:port" of the enrolment listener
  std::filesystem::path trust_root;
  std::filesystem::path token_file;  // empty: there is none
  std::filesystem::path folder;      // <folder>/agents/<name>/ has all of one agent
  std::string prefix = "agent-";
  Command more;  // further words of flotilla-agent run
};

// Counted from 0; names count from 1.
std::string AgentName(const AgentSetup& setup, std::size_t agent);
std::filesystem::path AgentFolder(const AgentSetup& setup, std::size_t agent);
std::filesystem::path AgentLog(const AgentSetup& setup, std::size_t agent);

// Whether it has an identity from before. Reads the disk.
bool IsEnrolled(const AgentSetup& setup, std::size_t agent);

// flotilla-agent run with a state folder, a name and a port of its own. Who is enrolled is not
// shown the token. Reads the disk.
Command AgentCommand(const AgentSetup& setup, std::size_t agent);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_AGENT_COMMAND_H_
