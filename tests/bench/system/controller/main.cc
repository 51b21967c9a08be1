// A controller as flotilla-controller runs it, but for its allocator (the C library's, which can
// tell how much is live) and its store: on the disk with a transaction for each report, or in
// memory. For tests/bench/system/scale_bench; never to be deployed.
//
// SIGUSR2: prints {"heap":BYTES}, what is allocated now. SIGTERM ends.

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <tuple>

#include <CLI/CLI.hpp>

#include "absl/synchronization/mutex.h"

#include "base/log.h"
#include "base/loop_thread.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"
#include "base/status.h"
#include "controller/app/app_options.h"
#include "controller/app/controller_app.h"
#include "controller/bootstrap/ca_key.h"
#include "controller/storage/open_fleet_store.h"
#include "tests/bench/system/controller/bench_stores.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

sigset_t AwaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGUSR2}) {
    sigaddset(&signals, number);
  }
  return signals;
}

void TellHeap() {
  const struct mallinfo2 now = mallinfo2();
  std::ignore = std::printf("{\"heap\":%zu}\n", now.uordblks + now.hblkhd);
  std::ignore = std::fflush(stdout);
}

Status Serve(const AppOptions& options, FleetStore& store, const sigset_t& awaited) {
  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  LoopThread loop;
  LoopThread worker;
  const AppWorld world{store, loop.executor(), worker.executor(), clock, random, fs, OpenCaKey,
                       [] {}};
  ControllerApp app(options, world, [](const Status& status) {
    LogStatus(LogLevel::kError, "store.lost", status);
    ::kill(::getpid(), SIGTERM);
  });
  const Status started = app.Start();
  if (started.ok()) {
    int received = 0;
    while (sigwait(&awaited, &received) == 0 && received == SIGUSR2) {
      TellHeap();
    }
    app.Stop();
  }
  loop.Stop();
  worker.Stop();
  return started;
}

Status Run(const std::string& config, const std::string& kind, const sigset_t& awaited) {
  FLOTILLA_ASSIGN_OR_RETURN(const AppOptions options, ReadAppOptions(config));
  StartLog("scale_controller", options.log_level, LogForm::kUnspecified);
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<FleetStore> disk,
                            OpenFleetStore(options.store, options.layout.database()));
  if (kind == "grouped") {
    return Serve(options, *disk, awaited);
  }
  if (kind == "each") {
    OneByOneStore each(*disk);
    return Serve(options, each, awaited);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const FleetSnapshot snapshot, disk->Load());
  MemoryFleetStore memory;
  FLOTILLA_RETURN_IF_ERROR(memory.Commit(ChangeOf(snapshot)));
  return Serve(options, memory, awaited);
}

int Main(int argc, char** argv) {
  CLI::App cli("A controller for measurements.");
  std::string config;
  std::string kind = "grouped";
  cli.add_option("--config", config)->required();
  cli.add_option("--store", kind, "grouped, each or memory")
      ->check(CLI::IsMember({"grouped", "each", "memory"}))
      ->capture_default_str();
  CLI11_PARSE(cli, argc, argv);
  const sigset_t awaited = AwaitedSignals();
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  (void)signal(SIGPIPE, SIG_IGN);
  const Status status = Run(config, kind, awaited);
  if (!status.ok()) {
    std::cerr << "scale_controller: " << status.ToString() << "\n";
  }
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::controller

int main(int argc, char** argv) {
  // Debian's Abseil looks for lock cycles in every process: each lock of each of gRPC's sessions
  // would pass through one table.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  try {
    return flotilla::controller::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "scale_controller: " << error.what() << "\n";
    return 1;
  }
}
