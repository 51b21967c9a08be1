// flotilla-agent: run, enroll, bundle install, privacy, status, version.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include "flotilla/v1/failure_reason.pb.h"

#include "agent/app/command_line.h"
#include "agent/app/process_runs.h"
#include "agent/app/status_text.h"
#include "agent/app/version.h"
#include "agent/condition/device_condition.h"
#include "agent/condition/os_system_probe.h"
#include "base/status.h"

namespace flotilla::agent {
namespace {

using Config = config::v1::AgentConfig;

Status With(const CommandLine& line, const std::function<Status(const Config&)>& work) {
  FLOTILLA_ASSIGN_OR_RETURN(const Config config, Configure(line));
  if (!config.proxy().empty()) {
    // The configuration's proxy is for everything; gRPC has no other way to be told so. No thread
    // has started yet.
    for (const char* name : {"no_grpc_proxy", "no_proxy", "NO_PROXY"}) {
      ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): see above
    }
  }
  return work(config);
}

Status PrintStatus(const Config& config) {
  const OsSystemProbe probe(config.state_dir());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text,
                            StatusText(config.state_dir(), MakeFacts(config, probe)));
  std::cout << text;
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
  // tpm2-tss writes lines of its own to stderr; what matters comes back as a status. No thread has
  // started yet: this one may write the environment.
  ::setenv("TSS2_LOG", "all+none", 0);  // NOLINT(concurrency-mt-unsafe): see above
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
  CLI::App* privacy =
      app.add_subcommand("privacy", "what this device tells about its health, and at what price");
  PrivacyView view = PrivacyView::kShow;
  AddPrivacyViews(*privacy, view);
  for (CLI::App* command : {run, enroll, show, install, privacy}) {
    AddConfigOptions(*command, line);
  }
  enroll->add_flag("--anew", line.anew, "forget the identity that is there first");
  run->callback(
      [&] { status = With(line, [&](const auto& config) { return RunAgent(config, ends); }); });
  enroll->callback([&] {
    status = With(line, [&](const auto& config) { return EnrollOnce(config, line.anew); });
  });
  install->callback([&] {
    status = With(line, [&](const auto& config) { return InstallBundleFile(config, file); });
  });
  show->callback([&] { status = With(line, PrintStatus); });
  privacy->callback(
      [&] { status = With(line, [&](const auto& config) { return PrintPrivacy(config, view); }); });
  version->callback([] { std::printf("flotilla-agent %s\n", kAgentVersion); });
  CLI11_PARSE(app, argc, argv);
  if (!status.ok()) {
    const int reason = ReasonNumber(status);
    const std::string name =
        v1::FailureReason_IsValid(reason) && reason != 0
            ? " (" + v1::FailureReason_Name(static_cast<v1::FailureReason>(reason)) + ")"
            : std::string();
    std::cerr << "flotilla-agent: " << MessageOf(status) << name << "\n";
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
    std::cerr << "flotilla-agent: " << error.what() << "\n";
    return 1;
  }
}
