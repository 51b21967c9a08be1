#include <unistd.h>

#include <cstdlib>

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "fleetctl/cli/cli.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/all_commands.h"
#include "fleetctl/rpc/rpc_threads.h"

namespace {

std::string Environment(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is started
  return value == nullptr ? std::string() : std::string(value);
}

std::filesystem::path ContextFile() {
  const std::string stated = Environment("FLOTILLA_CONTEXT_FILE");
  if (!stated.empty()) {
    return stated;
  }
  const std::string base = Environment("XDG_CONFIG_HOME");
  return std::filesystem::path(base.empty() ? Environment("HOME") + "/.config" : base) /
         "flotilla/contexts.yaml";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // tpm2-tss writes lines of its own to stderr; what matters comes back as a status.
    ::setenv("TSS2_LOG", "all+none", 0);  // NOLINT(concurrency-mt-unsafe): before any thread
    const flotilla::fleetctl::RpcThreads rpc_threads;
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    flotilla::fleetctl::Surroundings surroundings{
        std::cout,    std::cerr, std::cin, terminal, terminal && Environment("NO_COLOR").empty(),
        ContextFile()};
    CLI::App app("", "fleetctl");
    flotilla::fleetctl::Cli cli(app, surroundings);
    flotilla::fleetctl::AddAllCommands(cli);
    return cli.Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "fleetctl: " << error.what() << "\n";
    return flotilla::fleetctl::kExitError;
  }
}
