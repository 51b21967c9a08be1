// flotilla-controller: init makes keys and certificates, run serves, backup and restore.

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/log.h"
#include "base/loop_thread.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "base/version.h"
#include "controller/app/app_options.h"
#include "controller/app/controller_app.h"
#include "controller/app/replica_app.h"
#include "controller/bootstrap/bootstrap.h"
#include "controller/bootstrap/ca_key.h"
#include "controller/bootstrap/online_key.h"
#include "controller/cli/backup_commands.h"
#include "controller/heap.h"
#include "controller/storage/open_fleet_store.h"
#include "controller/storage/open_replica_ports.h"

namespace flotilla::controller {
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

Status Init(const AppOptions& options, const std::string& operator_name) {
  OsDurableFs fs;
  BootstrapOptions bootstrap;
  bootstrap.state_dir = options.layout.state_dir;
  bootstrap.host_names = options.host_names;
  bootstrap.operator_name = operator_name;
  bootstrap.ca_key = options.ca_key;
  bootstrap.open_key = OpenCaKey;
  FLOTILLA_ASSIGN_OR_RETURN(const BootstrapReport report,
                            Bootstrap(bootstrap, fs, OsClock().Now()));
  for (const BootstrapStep& step : report.steps) {
    std::printf("%-10s %-32s %s\n", step.made ? "made" : "there", step.what.c_str(),
                step.path.c_str());
  }
  std::printf("%-10s %-32s %s\n", "authority", "SHA-256 of its certificate",
              report.authority.ToHex().c_str());
  return OkStatus();
}

Status NewOnlineKey(const AppOptions& options, const std::string& role) {
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(const auto made, MakeOnlineKey(options.layout, role, fs));
  std::printf("made %s key %s\nfor: fleetctl root edit STAGE --set-key %s=%s\n", role.c_str(),
              made.key_id.substr(0, 12).c_str(), role.c_str(), made.public_key.c_str());
  return OkStatus();
}

Status RunBackups(const BackupCommands& commands, const AppOptions& options) {
  OsDurableFs fs;
  const OsClock clock;
  OsRandom random;
  return commands.Run(options, {fs, clock, random});
}

// The store, once its database answers and no other controller has it; null: a signal came first.
StatusOr<std::unique_ptr<FleetStore>> AwaitStore(const AppOptions& options,
                                                 const sigset_t& ending) {
  constexpr timespec kAgainAfter{1, 0};
  std::string told;
  while (true) {
    auto store = OpenFleetStore(options.store, options.layout.database());
    if (store.ok() || store.status().code() != StatusCode::kUnavailable) {
      return store;
    }
    if (const std::string why = store.status().ToString(); why != told) {
      told = why;
      LogStatus(LogLevel::kWarning, "controller.waits_for_store", store.status());
    }
    if (sigtimedwait(&ending, nullptr, &kAgainAfter) > 0) {
      return nullptr;
    }
  }
}

// Until `drained`, or a second signal asks for the end now, or it takes longer than it may.
void AwaitDrain(const AppOptions& options, const std::atomic<bool>& drained, const Clock& clock,
                const sigset_t& ending) {
  constexpr timespec kLook{0, 20'000'000};
  constexpr Duration kLate = absl::Seconds(10);
  const Duration end = clock.Monotonic() + options.drain_limit + kLate;
  while (!drained && clock.Monotonic() < end) {
    if (sigtimedwait(&ending, nullptr, &kLook) > 0) {
      LogWarning("controller.stopping_at_once");
      return;
    }
  }
}

// One of several controllers, until a signal ends it. As Serve.
StatusOr<bool> ServeReplica(const AppOptions& options, const sigset_t& ending) {
  constexpr timespec kTurn{0, 250'000'000};
  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  const std::filesystem::path& folder = options.layout.state_dir;
  const std::string& name = options.replica->name;
  FLOTILLA_ASSIGN_OR_RETURN(
      const UniqueFd lock,
      LockFile(folder / absl::StrCat("lock-", name),
               Unavailable(absl::StrCat("replica ", name, " runs already on ", folder.string()))));
  FLOTILLA_ASSIGN_OR_RETURN(const ReplicaPorts ports, OpenReplicaPorts(options.store, clock));
  std::atomic<bool> again = false;
  ReplicaApp app(options,
                 {clock, random, fs, OpenCaKey,
                  [&again] {
                    if (!again.exchange(true)) {
                      ::kill(::getpid(), SIGTERM);
                    }
                  },
                  &ReturnFreedMemory},
                 {*ports.leadership, *ports.feed, *ports.revoked});
  FLOTILLA_RETURN_IF_ERROR(app.Start());
  LogInfo("controller.ready", {{"version", kVersion}, {"replica", name}});
  do {
    FLOTILLA_RETURN_IF_ERROR(app.Turn());
  } while (sigtimedwait(&ending, nullptr, &kTurn) < 0);
  LogInfo("controller.stopping", {{"again", again.load()}});
  app.Stop();
  return again.load();
}

// Until a signal ends it. True: it is to start again, its keys changed.
StatusOr<bool> Serve(const AppOptions& options, const sigset_t& ending) {
  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  const std::filesystem::path& folder = options.layout.state_dir;
  // Two controllers on one folder would answer each other's devices.
  FLOTILLA_ASSIGN_OR_RETURN(
      const UniqueFd lock,
      LockFile(folder / "lock",
               Unavailable(absl::StrCat("another controller runs on ", folder.string()))));
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<FleetStore> store, AwaitStore(options, ending));
  if (store == nullptr) {
    return false;
  }
  LoopThread loop;
  LoopThread worker;
  std::atomic<bool> store_lost = false;
  std::atomic<bool> again = false;
  std::atomic<bool> drained = false;
  AppWorld world{
      *store, loop.executor(), worker.executor(), clock, random, fs, OpenCaKey, [&again] {
        if (!again.exchange(true)) {
          ::kill(::getpid(), SIGTERM);
        }
      }};
  world.on_quiet = &ReturnFreedMemory;
  ControllerApp app(options, world, [&store_lost](const Status& status) {
    LogStatus(LogLevel::kError, "store.lost", status);
    store_lost = true;
    ::kill(::getpid(), SIGTERM);
  });
  Status result = app.Start();
  if (result.ok()) {
    LogInfo("controller.ready", {{"version", kVersion}});
    int received = 0;
    sigwait(&ending, &received);
    LogInfo("controller.stopping", {{"signal", received}, {"again", again.load()}});
    if (!store_lost) {
      app.Drain([&drained] { drained = true; });
      AwaitDrain(options, drained, clock, ending);
    }
    app.Stop();
    result = store_lost ? Internal("the store was lost") : OkStatus();
  }
  loop.Stop();
  worker.Stop();
  FLOTILLA_RETURN_IF_ERROR(result);
  return again.load();
}

Status Run(const AppOptions& options) {
  const sigset_t ending = BlockSignals();
  while (true) {
    FLOTILLA_ASSIGN_OR_RETURN(const bool again, options.replica.has_value()
                                                    ? ServeReplica(options, ending)
                                                    : Serve(options, ending));
    if (!again) {
      return OkStatus();
    }
  }
}

int Main(int argc, char** argv) {
  CLI::App cli("Flotilla's controller: devices, releases and rollouts of a fleet.");
  cli.require_subcommand(1);
  std::string config;
  std::string operator_name = "admin";
  CLI::App* init = cli.add_subcommand("init", "make keys and certificates in the state folder");
  init->add_option("--config", config, "configuration file")->required();
  init->add_option("--operator", operator_name, "name of the first operator");
  std::string role;
  CLI::App* online_key = cli.add_subcommand("online-key", "make one more key of an online role");
  online_key->add_option("role", role, "snapshot or timestamp")->required();
  online_key->add_option("--config", config, "configuration file")->required();
  CLI::App* run = cli.add_subcommand("run", "serve until SIGTERM");
  run->add_option("--config", config, "configuration file")->required();
  BackupCommands backups(cli, config);
  CLI::App* version = cli.add_subcommand("version", "print the version");
  CLI11_PARSE(cli, argc, argv);
  if (version->parsed()) {
    std::printf("flotilla-controller %s\n", kVersion);
    return 0;
  }
  const StatusOr<AppOptions> options = ReadAppOptions(config);
  if (!options.ok()) {
    std::cerr << "flotilla-controller: " << MessageOf(options.status()) << "\n";
    return 2;
  }
  StartLog("flotilla-controller", options->log_level, LogForm::kUnspecified);
  if (run->parsed()) {
    LogInfo("controller.config", {{"effective", options->effective_yaml}});
  }
  const Status status = run->parsed()          ? Run(*options)
                        : online_key->parsed() ? NewOnlineKey(*options, role)
                        : backups.parsed()     ? RunBackups(backups, *options)
                                               : Init(*options, operator_name);
  if (!status.ok()) {
    std::cerr << "flotilla-controller: " << status.ToString() << "\n";
  }
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace flotilla::controller

int main(int argc, char** argv) {
  flotilla::controller::ReturnMemoryWhenFreed();
  // Debian's Abseil looks for lock cycles in every process: each lock of each of gRPC's sessions
  // would pass through one table.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  try {
    return flotilla::controller::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "flotilla-controller: " << error.what() << "\n";
    return 1;
  }
}
