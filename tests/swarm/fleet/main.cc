// flotilla-swarm: thousands of simulated devices in one process, over real TLS and HTTP/2, for
// benchmarks of the controller and for capacity tests of one's own. It holds no model. In its mode
// `agents` the devices are real agents with real engines.

#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_random.h"
#include "tests/swarm/agents/agents_mode.h"
#include "tests/swarm/fleet/awaited_signals.h"
#include "tests/swarm/fleet/session_swarm.h"

namespace flotilla::swarm {
namespace {

constexpr Duration kLastAcks = absl::Seconds(20);

struct Flags {
  SessionSwarmOptions swarm;
  OperatorAccess operator_access;
  std::string operator_dir;
  double ramp_s = 10;
  double accept_delay_s = 1;
  double step_delay_s = 0.2;
  double duration_s = 0;
  double connect_timeout_s = 45;
  std::size_t flood = 1;
  std::string report = "text";
};

StatusOr<std::string> TokenOf(const std::string& text) {
  if (text.empty() || text.front() != '@') {
    return text;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(text.substr(1), 4096));
  std::string token = ToText(bytes);
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  return token;
}

void PrintProgress(const SessionSwarmOptions& options, const SwarmProgress& now, Duration since) {
  static_cast<void>(std::fprintf(
      stderr,
      "%7.1f s  up %zu of %zu  offers %llu  reports %llu  acked %llu  waiting %llu  "
      "wrong %llu  burst %llu from %.3f to %.3f\n",
      absl::ToDoubleSeconds(since), now.live, options.devices,
      static_cast<unsigned long long>(now.offers), static_cast<unsigned long long>(now.reports),
      static_cast<unsigned long long>(now.acked), static_cast<unsigned long long>(now.waiting),
      static_cast<unsigned long long>(now.wrong), static_cast<unsigned long long>(now.burst.count),
      absl::ToDoubleSeconds(now.burst.first), absl::ToDoubleSeconds(now.burst.last)));
}

void RunUntilEnd(SessionSwarm& swarm, const Flags& flags, const Clock& clock,
                 const sigset_t& awaited) {
  const Duration start = clock.Monotonic();
  const auto since = [&] { return clock.Monotonic() - start; };
  bool told = false;
  while (flags.duration_s <= 0 || since() < absl::Seconds(flags.duration_s)) {
    const int came = WaitForSignal(awaited, absl::Seconds(1));
    if (came == SIGUSR1) {
      swarm.CutAll();
      told = false;
      std::cerr << "cut\n";
    } else if (came == SIGUSR2) {
      swarm.FloodAll(flags.flood);
      std::cerr << "flood\n";
    } else if (came != 0) {
      break;
    }
    const SwarmProgress now = swarm.Progress();
    PrintProgress(flags.swarm, now, since());
    if (!told && now.live == flags.swarm.devices) {
      told = true;
      std::cerr << "all up\n";
    }
  }
  swarm.FloodAll(0);
  // What was said last is acknowledged, if the controller is there.
  const Duration end = since() + kLastAcks;
  while (swarm.Progress().waiting > 0 && since() < end) {
    WaitForSignal(awaited, absl::Milliseconds(50));
  }
}

// The exit code.
StatusOr<int> Run(Flags flags, const Clock& clock, Random& random) {
  const sigset_t awaited = AwaitedSignals();
  FLOTILLA_ASSIGN_OR_RETURN(flags.swarm.token, TokenOf(flags.swarm.token));
  flags.operator_access.folder = flags.operator_dir;
  flags.swarm.ramp = absl::Seconds(flags.ramp_s);
  flags.swarm.session.welcome_timeout = absl::Seconds(flags.connect_timeout_s);
  flags.swarm.habits.accept_delay = absl::Seconds(flags.accept_delay_s);
  flags.swarm.habits.step_delay = absl::Seconds(flags.step_delay_s);
  SessionSwarm swarm(flags.swarm, clock, random);
  FLOTILLA_RETURN_IF_ERROR(swarm.Prepare([](std::size_t done) {
    if (done % 500 == 0) {
      std::cerr << "enrolled " << done << "\n";
    }
  }));
  FLOTILLA_RETURN_IF_ERROR(swarm.Start());
  RunUntilEnd(swarm, flags, clock, awaited);
  FLOTILLA_RETURN_IF_ERROR(swarm.Stop());
  SwarmReport report = swarm.Report();
  if (!flags.operator_access.address.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(report.ledger, CheckLedgers(flags.operator_access, swarm.Ledgers()));
  }
  std::printf("%s\n", (flags.report == "json" ? ReportJson(report) : ReportText(report)).c_str());
  return report.clean() ? 0 : 3;
}

void AddFlags(CLI::App& cli, Flags& flags) {
  SessionSwarmOptions& swarm = flags.swarm;
  cli.add_option("--devices", swarm.devices, "how many")->capture_default_str();
  cli.add_option("--controller", swarm.controllers,
                 "host:port of the device listener; again for each replica, of one name. REQUIRED");
  cli.add_option("--enrolment", swarm.enrolment, "host:port of the enrolment listener");
  cli.add_option("--token", swarm.token, "enrolment token, or @FILE; for devices that are new");
  cli.add_option("--state", swarm.state_dir,
                 "folder that keeps identities and what is installed from run to run");
  cli.add_option("--prefix", swarm.prefix, "of the devices' names")->capture_default_str();
  cli.add_option("--ramp", flags.ramp_s, "seconds over which the first connections are spread")
      ->capture_default_str();
  cli.add_option("--accept-delay", flags.accept_delay_s,
                 "seconds, at most, until a device accepts an offer")
      ->capture_default_str();
  cli.add_option("--step-delay", flags.step_delay_s, "seconds, at most, between further states")
      ->capture_default_str();
  cli.add_option("--fail-rate", swarm.habits.fail_rate, "share whose self-test fails, 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  cli.add_option("--delivery-fail-rate", swarm.habits.delivery_fail_rate,
                 "share whose download fails, 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  cli.add_option("--seed", swarm.habits.seed, "of who fails")->capture_default_str();
  cli.add_option("--sites", swarm.sites, "how many values of the label site there are; 0: none");
  cli.add_option("--sources", swarm.sources,
                 "devices come from so many addresses of 127.1.0.0/16; 0: from one")
      ->check(CLI::Range(0, 65000));
  cli.add_option("--threads", swarm.threads, "loops")->check(CLI::Range(1, 64));
  cli.add_flag("--resume", swarm.resume, "resume TLS sessions");
  cli.add_flag("--no-spread", swarm.no_spread, "come back at once after a loss: a storm");
  cli.add_option("--connect-timeout", flags.connect_timeout_s,
                 "seconds from connecting to the Welcome")
      ->capture_default_str();
  cli.add_option("--flood", flags.flood,
                 "status reports that each device keeps unacknowledged from SIGUSR2 on")
      ->capture_default_str();
  cli.add_option("--duration", flags.duration_s, "end after so many seconds; 0: at a signal");
  cli.add_option("--operator", flags.operator_access.address,
                 "host:port of the operator listener: compares all reports at the end");
  cli.add_option("--operator-dir", flags.operator_dir,
                 "folder with ca.crt, operator.crt and operator.key");
  cli.add_option("--report", flags.report, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

int Main(int argc, char** argv) {
  CLI::App cli(
      "Thousands of simulated devices, for benchmarks and capacity tests. SIGUSR1 cuts every "
      "connection, SIGUSR2 starts a flood of reports, SIGTERM ends. Exit code 3: a report was "
      "lost, doubled or altered, or the "
      "controller broke the protocol.");
  Flags flags;
  AddFlags(cli, flags);
  AgentsFlags agents_flags;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const CLI::App* agents = AddAgentsMode(cli, program.parent_path(), agents_flags);
  CLI11_PARSE(cli, argc, argv);
  if (!agents->parsed() && flags.swarm.controllers.empty()) {
    return cli.exit(CLI::RequiredError("--controller"));
  }
  const sigset_t awaited = AwaitedSignals();
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  (void)signal(SIGPIPE, SIG_IGN);
  const OsClock clock;
  OsRandom random;
  const StatusOr<int> code =
      agents->parsed() ? RunAgents(agents_flags, clock, random) : Run(flags, clock, random);
  if (!code.ok()) {
    std::cerr << "flotilla-swarm: " << code.status().ToString() << "\n";
    return 1;
  }
  return *code;
}

}  // namespace
}  // namespace flotilla::swarm

int main(int argc, char** argv) {
  try {
    return flotilla::swarm::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "flotilla-swarm: " << error.what() << "\n";
    return 1;
  }
}
