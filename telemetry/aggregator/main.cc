// flotilla-aggregator: the second party of private health. init makes keys, run serves.

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"
#include "base/status.h"
#include "base/version.h"
#include "telemetry/aggregator/aggregator_options.h"
#include "telemetry/aggregator/app/aggregator_server.h"
#include "telemetry/aggregator/app/command_line.h"
#include "telemetry/aggregator/app/commands.h"

namespace flotilla::telemetry {
namespace {

// Signals that end the process are taken by sigwait, on this thread alone.
sigset_t BlockSignals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  (void)signal(SIGPIPE, SIG_IGN);
  return ending;
}

// Until a signal ends it. True: it is to start again with its new certificate.
StatusOr<bool> ServeOnce(const AggregatorOptions& options, const sigset_t& ending) {
  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  std::atomic<bool> again = false;
  const AggregatorServer::World world{fs, clock, random, [&again] {
                                        if (!again.exchange(true)) ::kill(::getpid(), SIGTERM);
                                      }};
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<AggregatorServer> server,
                            AggregatorServer::Start(options, world));
  int received = 0;
  sigwait(&ending, &received);
  LogInfo("aggregator.stopping", {{"signal", received}, {"again", again.load() ? "yes" : "no"}});
  server->Stop();
  return again.load();
}

Status Serve(const AggregatorOptions& options) {
  const sigset_t ending = BlockSignals();
  LogInfo("aggregator.config", {{"effective", options.effective_yaml}, {"version", kVersion}});
  while (true) {
    FLOTILLA_ASSIGN_OR_RETURN(const bool again, ServeOnce(options, ending));
    if (!again) return OkStatus();
  }
}

Status Do(const CommandLine& line, const AggregatorOptions& options) {
  if (line.action == Action::kRun) return Serve(options);
  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  return RunCommand(line, options, {fs, random, clock, std::cin, std::cout});
}

int Main(int argc, char** argv) {
  ::umask(077);
  CLI::App app("", "flotilla-aggregator");
  CommandLine line;
  AddCommands(app, line);
  CLI11_PARSE(app, argc, argv);
  if (line.action == Action::kVersion) {
    std::printf("flotilla-aggregator %s\n", kVersion);
    return 0;
  }
  const StatusOr<AggregatorOptions> options = ReadAggregatorOptions(line.config_file);
  if (!options.ok()) {
    std::cerr << "flotilla-aggregator: " << MessageOf(options.status()) << "\n";
    return 2;
  }
  StartLog("flotilla-aggregator", options->log_level, LogForm::kUnspecified);
  const Status status = Do(line, *options);
  if (!status.ok()) std::cerr << "flotilla-aggregator: " << status.ToString() << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::telemetry

int main(int argc, char** argv) {
  try {
    return flotilla::telemetry::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "flotilla-aggregator: " << error.what() << "\n";
    return 1;
  }
}
