// flotilla-agent: run, enroll, bundle install, status, version.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include "flotilla/v1/failure_reason.pb.h"

#include "agent/app/agent.h"
#include "agent/app/command_line.h"
#include "agent/app/enrol_loop.h"
#include "agent/app/local_run.h"
#include "agent/app/state_lock.h"
#include "agent/app/status_text.h"
#include "agent/app/version.h"
#include "agent/clock/build_time.h"
#include "agent/clock/kernel_sync.h"
#include "agent/clock/trust_clock.h"
#include "agent/condition/device_condition.h"
#include "agent/condition/os_system_probe.h"
#include "agent/engine/process_launcher.h"
#include "agent/enrol/decommission.h"
#include "agent/enrol/device_key.h"
#include "agent/enrol/pem_identity_keys.h"
#include "agent/session/grpc_enrolment_client.h"
#include "agent/session/grpc_session_transport.h"
#include "base/asio_executor.h"
#include "base/config/yaml.h"
#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"

namespace flotilla::agent {
namespace {

using Config = config::v1::AgentConfig;

struct Machine {
  explicit Machine(const Config& config)
      : probe(config.state_dir()),
        trust_clock(config.state_dir(), {clock, fs, KernelClockIsKept, BuildTime()}) {}

  ServerCheck CheckServer() {
    return [this](std::string_view leaf, std::string_view ca, std::string_view host) {
      return trust_clock.CheckServer(leaf, ca, host);
    };
  }

  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  OsSystemProbe probe;
  TrustClock trust_clock;
  AsioExecutor loop;
};

EnrolmentOptions EnrolmentOf(const Config& config, const SystemProbe& probe) {
  return {config.state_dir(),           config.enrolment_address(), config.token_file(),
          config.device_id(),           MakeFacts(config, probe),   config.serial(),
          config.factory_certificate(), config.factory_key()};
}

// Before any thread starts: OpenSSL and the TPM's library read the environment.
StatusOr<DeviceKey> PrepareKey(const Config& config) {
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKeyPlace place, ParseDeviceKey(config.device_key()));
  // tpm2-tss writes lines of its own to stderr; what matters comes back as a status.
  ::setenv("TSS2_LOG", "all+none", 0);  // NOLINT(concurrency-mt-unsafe): see above
  return DeviceKey::Prepare(place, config.state_dir());
}

Status Enroll(const CommandLine& line) {
  FLOTILLA_ASSIGN_OR_RETURN(const Config config, Configure(line));
  Machine machine(config);
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(machine.fs, config.state_dir()));
  FLOTILLA_ASSIGN_OR_RETURN(const StateLock lock, StateLock::Take(config.state_dir()));
  FLOTILLA_RETURN_IF_ERROR(ForgetLeaving(machine.fs, config.state_dir()));
  if (line.anew) {
    FLOTILLA_RETURN_IF_ERROR(WipeIdentity(machine.fs, config.state_dir()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKey key, PrepareKey(config));
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer());
  Duration retry_after;
  FLOTILLA_ASSIGN_OR_RETURN(
      const Identity identity,
      EnsureEnrolled(EnrolmentOf(config, machine.probe),
                     {client, key.keys(), machine.fs, machine.random}, retry_after));
  std::printf("enrolled as %s\n", identity.device_id.c_str());
  return OkStatus();
}

// What an agent of this process is made with.
struct Making {
  const Config& config;
  Machine& machine;
  ProcessLauncher& launcher;
  EnrolmentClient& client;
  IdentityKeys& keys;
};

AgentMaker MakerOf(const Making& with, std::function<void(const Identity&)> use_identity) {
  return [with, use_identity](const Identity& identity, SessionTransport& transport) {
    Machine& machine = with.machine;
    return Agent::Create(with.config, identity,
                         {machine.loop, machine.clock, machine.random, machine.fs, machine.probe,
                          machine.trust_clock, transport, with.launcher, with.client, with.keys,
                          use_identity, [] { ::kill(::getpid(), SIGTERM); }});
  };
}

void UseNone(const Identity& /*identity*/) {}

// What is installed serves, and bundles are taken, before the device is enrolled.
Status RunUnenrolled(const Config& config, const sigset_t& ends, IdentityKeys& keys) {
  Machine machine(config);
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer());
  const AgentMaker make = MakerOf({config, machine, launcher, client, keys}, UseNone);
  return ServeUnenrolled(config, make, machine.loop, [&] {
    const auto identity = EnrolUntil(ends, EnrolmentOf(config, machine.probe),
                                     {client, keys, machine.fs, machine.random});
    if (!identity.ok() && identity.status().code() != StatusCode::kCancelled &&
        WorksWithoutController(config)) {
      LogStatus(LogLevel::kWarning, "enrolment.failed", identity.status());
      int number = 0;
      sigwait(&ends, &number);
      return Cancelled("stopped before the device was enrolled");
    }
    return identity.status();
  });
}

Status InstallBundle(const CommandLine& line, const std::string& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Config config, Configure(line));
  Machine machine(config);
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(machine.fs, config.state_dir()));
  const BundleInstall install{config.state_dir(), file, machine.fs, machine.random, std::cout};
  const StatusOr<StateLock> lock = StateLock::Take(config.state_dir());
  if (!lock.ok()) {
    return AskForBundle(install, machine.loop);
  }
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer());
  PemIdentityKeys keys;
  return InstallBundleHere(install, MakerOf({config, machine, launcher, client, keys}, UseNone),
                           machine.loop);
}

// A decommissioned device does nothing more until a person enrols it again.
Status EndOfService(const Config& config, DurableFs& fs) {
  LogWarning("agent.decommissioned",
             {{"text", "this device left the fleet; flotilla-agent enroll brings it back"}});
  return FinishLeaving(fs, config.state_dir());
}

Status Run(const CommandLine& line, const sigset_t& ends) {
  FLOTILLA_ASSIGN_OR_RETURN(const Config config, Configure(line));
  LogInfo("agent.config", {{"yaml", config::WriteYaml(config)}});
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, config.state_dir()));
  FLOTILLA_ASSIGN_OR_RETURN(const StateLock lock, StateLock::Take(config.state_dir()));
  if (HasLeftFleet(config.state_dir())) {
    return EndOfService(config, fs);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKey key, PrepareKey(config));
  if (LoadIdentity(config.state_dir()).status().code() == StatusCode::kNotFound) {
    FLOTILLA_RETURN_IF_ERROR(RunUnenrolled(config, ends, key.keys()));
  }
  Machine machine(config);  // its clock goes on from the floor that was saved last
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer());
  FLOTILLA_ASSIGN_OR_RETURN(const Identity identity,
                            EnrolUntil(ends, EnrolmentOf(config, machine.probe),
                                       {client, key.keys(), machine.fs, machine.random}));
  GrpcSessionTransport transport(
      config.device_address(),
      {identity.ca_pem, identity.chain_pem, identity.key_pem, machine.CheckServer()}, machine.loop);
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  const auto use_identity = [&transport, &machine](const Identity& used) {
    transport.Replace({used.ca_pem, used.chain_pem, used.key_pem, machine.CheckServer()});
  };
  FLOTILLA_ASSIGN_OR_RETURN(
      std::unique_ptr<Agent> agent,
      MakerOf({config, machine, launcher, client, key.keys()}, use_identity)(identity, transport));
  std::jthread signals([&] {
    int number = 0;
    sigwait(&ends, &number);
    LogInfo("agent.stopping", {{"signal", number}});
    machine.loop.Post([&] {
      agent->Stop();
      machine.loop.Stop();
    });
  });
  agent->Start();
  machine.loop.Run();
  signals.join();
  agent.reset();
  return HasLeftFleet(config.state_dir()) ? EndOfService(config, fs) : OkStatus();
}

Status PrintStatus(const CommandLine& line) {
  FLOTILLA_ASSIGN_OR_RETURN(const Config config, Configure(line));
  const OsSystemProbe probe(config.state_dir());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text,
                            StatusText(config.state_dir(), MakeFacts(config, probe)));
  std::fputs(text.c_str(), stdout);
  return OkStatus();
}

int Main(int argc, char** argv) {
  // Every thread inherits the mask: the signals go to sigwait alone.
  sigset_t ends{};
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::umask(077);
  CLI::App app("Keeps this device's language models as the fleet's owner wants them.");
  app.require_subcommand(1);
  CommandLine line;
  Status status;
  CLI::App* run = app.add_subcommand("run", "enrol if needed, then serve and update until SIGTERM");
  CLI::App* enroll = app.add_subcommand("enroll", "exchange the one-time token for an identity");
  CLI::App* show = app.add_subcommand("status", "what this device runs and wants");
  CLI::App* version = app.add_subcommand("version", "the version of this program");
  CLI::App* bundle = app.add_subcommand("bundle", "releases that are carried here in a file");
  bundle->require_subcommand(1);
  CLI::App* install = bundle->add_subcommand(
      "install", "install what a bundle brings, with or without a running agent");
  std::string file;
  install->add_option("file", file, "the bundle")->required();
  install->footer(
      "Example:\n  flotilla-agent bundle install --config /etc/flotilla/agent.yaml"
      " /media/usb/pump-2.0.0.bundle");
  for (CLI::App* command : {run, enroll, show, install}) {
    AddConfigOptions(*command, line);
  }
  enroll->add_flag("--anew", line.anew, "forget the identity that is there first");
  run->callback([&] { status = Run(line, ends); });
  enroll->callback([&] { status = Enroll(line); });
  install->callback([&] { status = InstallBundle(line, file); });
  show->callback([&] { status = PrintStatus(line); });
  version->callback([] { std::printf("flotilla-agent %s\n", kAgentVersion); });
  CLI11_PARSE(app, argc, argv);
  if (!status.ok()) {
    const int reason = ReasonNumber(status);
    const std::string name =
        v1::FailureReason_IsValid(reason) && reason != 0
            ? " (" + v1::FailureReason_Name(static_cast<v1::FailureReason>(reason)) + ")"
            : std::string();
    std::fprintf(stderr, "flotilla-agent: %s%s\n", MessageOf(status).c_str(), name.c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace flotilla::agent

int main(int argc, char** argv) {
  try {
    return flotilla::agent::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flotilla-agent: %s\n", error.what());
    return 1;
  }
}
