#include "agent/app/process_runs.h"

#include <unistd.h>

#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "agent/app/agent.h"
#include "agent/app/agent_options.h"
#include "agent/app/enrol_loop.h"
#include "agent/app/local_run.h"
#include "agent/app/privacy_text.h"
#include "agent/app/state_lock.h"
#include "agent/clock/build_time.h"
#include "agent/clock/kernel_sync.h"
#include "agent/clock/trust_clock.h"
#include "agent/condition/device_condition.h"
#include "agent/condition/os_health_sensors.h"
#include "agent/condition/os_process_probe.h"
#include "agent/condition/os_system_probe.h"
#include "agent/engine/process_launcher.h"
#include "agent/enrol/decommission.h"
#include "agent/enrol/device_key.h"
#include "agent/enrol/identity.h"
#include "agent/enrol/pem_identity_keys.h"
#include "agent/health/reporting_key.h"
#include "agent/session/grpc_enrolment_client.h"
#include "agent/session/grpc_metrics_client.h"
#include "agent/session/grpc_session_transport.h"
#include "base/asio_executor.h"
#include "base/config/yaml.h"
#include "base/log.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/os_random.h"
#include "security/http_proxy.h"

namespace flotilla::agent {
namespace {

using Config = config::v1::AgentConfig;

constexpr Duration kKeyRetry = absl::Seconds(5);

struct Machine {
  Machine(const Config& config, std::shared_ptr<const security::HttpProxy> proxy_in)
      : proxy(std::move(proxy_in)),
        probe(config.state_dir()),
        trust_clock(config.state_dir(), {clock, fs, KernelClockIsKept, BuildTime()}) {}

  ServerCheck CheckServer() {
    return [this](std::string_view leaf, std::string_view ca, std::string_view host) {
      return trust_clock.CheckServer(leaf, ca, host);
    };
  }

  const std::shared_ptr<const security::HttpProxy> proxy;  // null: none
  OsClock clock;
  OsRandom random;
  OsDurableFs fs;
  OsSystemProbe probe;
  OsHealthSensors sensors{"/sys", clock};
  OsProcessProbe processes{"/proc", "/sys/fs/cgroup"};
  TrustClock trust_clock;
  AsioExecutor loop;
};

EnrolmentOptions EnrolmentOf(const Config& config, const Machine& machine) {
  return {config.state_dir(),
          config.enrolment_address(),
          config.token_file(),
          config.device_id(),
          MakeFacts(config, machine.probe),
          config.serial(),
          config.factory_certificate(),
          config.factory_key(),
          machine.proxy};
}

StatusOr<DeviceKey> PrepareKey(const Config& config) {
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKeyPlace place, ParseDeviceKey(config.device_key()));
  return DeviceKey::Prepare(place, config.state_dir());
}

// What an agent of this process is made with.
struct Making {
  const Config& config;
  Machine& machine;
  ProcessLauncher& launcher;
  EnrolmentClient& client;
  IdentityKeys& keys;
  MetricsClient* metrics = nullptr;
};

AgentMaker MakerOf(const Making& with, const std::function<void(const Identity&)>& use_identity) {
  return [with, use_identity](const Identity& identity, SessionTransport& transport) {
    Machine& machine = with.machine;
    return Agent::Create(
        with.config, identity,
        {machine.loop, machine.clock, machine.random, machine.fs, machine.probe,
         machine.trust_clock, transport, with.launcher, with.client, with.keys, use_identity,
         [] { ::kill(::getpid(), SIGTERM); }, machine.sensors, machine.processes, with.metrics});
  };
}

void UseNone(const Identity& /*identity*/) {}

// What is installed serves, and bundles are taken, before the device is enrolled.
Status RunUnenrolled(const Config& config, const sigset_t& ends, IdentityKeys& keys) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto proxy, ProxyOf(config));
  Machine machine(config, proxy);
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer(), machine.proxy);
  const AgentMaker make = MakerOf({config, machine, launcher, client, keys}, UseNone);
  return ServeUnenrolled(config, make, machine.loop, [&] {
    const auto identity =
        EnrolUntil(ends, EnrolmentOf(config, machine), {client, keys, machine.fs, machine.random});
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

// A decommissioned device does nothing more until a person enrols it again.
Status EndOfService(const Config& config, DurableFs& fs) {
  LogWarning("agent.decommissioned",
             {{"text", "this device left the fleet; flotilla-agent enroll brings it back"}});
  return FinishLeaving(fs, config.state_dir());
}

// A key in a TPM that does not answer is tried again now and then, while what is installed serves.
StatusOr<DeviceKey> WaitForKey(const Config& config, const sigset_t& ends) {
  StatusOr<DeviceKey> key = PrepareKey(config);
  if (key.status().code() != StatusCode::kUnavailable || !WorksWithoutController(config)) {
    return key;
  }
  LogStatus(LogLevel::kError, "device_key.unusable", key.status());
  FLOTILLA_ASSIGN_OR_RETURN(const auto proxy, ProxyOf(config));
  Machine machine(config, proxy);
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer(), machine.proxy);
  PemIdentityKeys none;
  FLOTILLA_RETURN_IF_ERROR(ServeUnenrolled(
      config, MakerOf({config, machine, launcher, client, none}, UseNone), machine.loop, [&] {
        const timespec pause = absl::ToTimespec(kKeyRetry);
        while (::sigtimedwait(&ends, nullptr, &pause) < 0) {
          key = PrepareKey(config);
          if (key.ok()) {
            return OkStatus();
          }
        }
        return Cancelled("stopped before the device's key could be used");
      }));
  return key;
}

}  // namespace

Status EnrollOnce(const Config& config, bool anew) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto proxy, ProxyOf(config));
  Machine machine(config, proxy);
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(machine.fs, config.state_dir()));
  FLOTILLA_ASSIGN_OR_RETURN(const UniqueFd lock, LockState(config.state_dir()));
  FLOTILLA_RETURN_IF_ERROR(ForgetLeaving(machine.fs, config.state_dir()));
  if (anew) {
    FLOTILLA_RETURN_IF_ERROR(WipeIdentity(machine.fs, config.state_dir()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKey key, PrepareKey(config));
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer(), machine.proxy);
  Duration retry_after;
  FLOTILLA_ASSIGN_OR_RETURN(
      const Identity identity,
      EnsureEnrolled(EnrolmentOf(config, machine), {client, key.keys(), machine.fs, machine.random},
                     retry_after));
  std::printf("enrolled as %s\n", identity.device_id.c_str());
  return OkStatus();
}

Status InstallBundleFile(const Config& config, const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto proxy, ProxyOf(config));
  Machine machine(config, proxy);
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(machine.fs, config.state_dir()));
  const BundleInstall install{config.state_dir(), file, machine.fs, machine.random, std::cout};
  const StatusOr<UniqueFd> lock = LockState(config.state_dir());
  if (!lock.ok()) {
    return AskForBundle(install, machine.loop);
  }
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer(), machine.proxy);
  PemIdentityKeys keys;
  return InstallBundleHere(install, MakerOf({config, machine, launcher, client, keys}, UseNone),
                           machine.loop);
}

Status PrintPrivacy(const Config& config, PrivacyView view) {
  const Machine machine(config, nullptr);
  const Time now = machine.trust_clock.Now();
  std::string text;
  switch (view) {
    case PrivacyView::kKey: {
      FLOTILLA_ASSIGN_OR_RETURN(const Identity identity, LoadIdentity(config.state_dir()));
      FLOTILLA_ASSIGN_OR_RETURN(text, ReportingKeyLine(config.state_dir(), identity.device_id));
      text += '\n';
      break;
    }
    case PrivacyView::kLedger:
      text = LedgerText(config.state_dir(), now);
      break;
    default: {
      const ShowBytes bytes = view == PrivacyView::kBytes ? ShowBytes::kAll : ShowBytes::kCounted;
      FLOTILLA_ASSIGN_OR_RETURN(text, PrivacyText(config, bytes, now));
    }
  }
  std::cout << text;
  return OkStatus();
}

Status RunAgent(const Config& config, const sigset_t& ends) {
  LogInfo("agent.config", {{"yaml", config::WriteYaml(config)}});
  FLOTILLA_ASSIGN_OR_RETURN(const auto proxy, ProxyOf(config));
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, config.state_dir()));
  FLOTILLA_ASSIGN_OR_RETURN(const UniqueFd lock, LockState(config.state_dir()));
  if (HasLeftFleet(config.state_dir())) {
    return EndOfService(config, fs);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKey key, WaitForKey(config, ends));
  if (LoadIdentity(config.state_dir()).status().code() == StatusCode::kNotFound) {
    FLOTILLA_RETURN_IF_ERROR(RunUnenrolled(config, ends, key.keys()));
  }
  Machine machine(config, proxy);  // its clock goes on from the floor that was saved last
  GrpcEnrolmentClient client(config.enrolment_address(), machine.CheckServer(), machine.proxy);
  FLOTILLA_ASSIGN_OR_RETURN(const Identity identity,
                            EnrolUntil(ends, EnrolmentOf(config, machine),
                                       {client, key.keys(), machine.fs, machine.random}));
  GrpcSessionTransport transport(
      config.device_address(),
      {identity.ca_pem, identity.chain_pem, identity.key_pem, machine.CheckServer()}, machine.loop,
      Link{config.session().strict_nat() ? LinkKind::kStrictNat : LinkKind::kPlain, proxy});
  GrpcMetricsClient metrics([&transport] { return transport.channel(); }, machine.loop);
  ProcessLauncher launcher(config.engine_path(), machine.loop);
  const auto use_identity = [&transport, &machine](const Identity& used) {
    transport.Replace({used.ca_pem, used.chain_pem, used.key_pem, machine.CheckServer()});
  };
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<Agent> agent,
                            MakerOf({config, machine, launcher, client, key.keys(), &metrics},
                                    use_identity)(identity, transport));
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

}  // namespace flotilla::agent
