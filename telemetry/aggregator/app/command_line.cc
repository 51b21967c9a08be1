#include "telemetry/aggregator/app/command_line.h"

#include <CLI/CLI.hpp>

namespace flotilla::telemetry {
namespace {

constexpr char kStory[] =
    "The second party of a fleet's private health. Each device splits what it says into two "
    "halves,\n"
    "each of them random on its own: one for the controller, one for this program. Both add up "
    "what\n"
    "they got, add noise, and only the sums come together. So run it where the controller's "
    "operator\n"
    "has no say: at the owner of the devices, at a site, at an auditor.";

constexpr char kFirstRun[] =
    "A first run:\n"
    "  cat > /etc/flotilla/aggregator.yaml <<END\n"
    "  state_dir: /var/lib/flotilla-aggregator\n"
    "  host_names: [helper.example]\n"
    "  END\n"
    "  flotilla-aggregator init --config /etc/flotilla/aggregator.yaml\n"
    "  flotilla-aggregator identity --config ... > helper-identity.pem   to be pinned on each "
    "device\n"
    "  flotilla-aggregator device add --config ... keys/*.pub            whom it counts\n"
    "  flotilla-aggregator leader --config ... --out for-the-controller  for who runs the "
    "controller\n"
    "  flotilla-aggregator run --config ...\n"
    "All of it, step by step: docs/deploy-second-party.md.";

class Builder {
 public:
  Builder(CLI::App& app, CommandLine& line) : app_(app), line_(line) {}

  CLI::App* Add(CLI::App& parent, const char* name, Action action, const char* what,
                const char* more) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->footer(more);
    command->callback([&line = line_, action] { line.action = action; });
    if (action != Action::kVersion) {
      command->add_option("--config", line_.config_file, "aggregator.yaml")->required();
    }
    return command;
  }

  void AddDevices() {
    CLI::App* device = app_.add_subcommand("device", "the devices that are counted");
    device->require_subcommand(1);
    CLI::App* add = Add(*device, "add", Action::kDeviceAdd, "register reporting keys",
                        "A device's key is <state_dir>/health/reporting.pub on it, or\n"
                        "'flotilla-agent privacy key'. Get it from the device itself or from who\n"
                        "provisioned it, never from the controller: whoever adds keys can make up\n"
                        "devices. PEM files are labelled with their names; '-' reads standard\n"
                        "input, PEM or lines of 'BASE64 LABEL'. A running aggregator sees the\n"
                        "change with the next job.");
    add->add_option("keyfile", line_.key_files, "public keys; - for standard input")->required();
    add->add_option("--label", line_.label, "what to call the device, for one PEM key");
    Add(*device, "list", Action::kDeviceList, "who is registered",
        "Key id, label. Reports name a device by this id alone.");
    CLI::App* remove = Add(*device, "remove", Action::kDeviceRemove, "count a device no more",
                           "What it has reported stays in the sums.");
    remove->add_option("device", line_.device, "its label, or 8 digits or more of its id")
        ->required();
  }

 private:
  CLI::App& app_;
  CommandLine& line_;
};

}  // namespace

void AddCommands(CLI::App& app, CommandLine& line) {
  app.description(kStory);
  app.footer(kFirstRun);
  app.require_subcommand(1);
  Builder builder(app, line);
  builder.Add(
      app, "init", Action::kInit, "make keys and certificates; what is there stays",
      "Prints the identity's fingerprint: compare it with what devices pin. Keep a copy of\n"
      "identity.key where nobody gets at it: with a new one every device needs a new pin.");
  builder.Add(
      app, "identity", Action::kIdentity, "print the public key that devices pin",
      "On each device, in agent.yaml:\n"
      "  health:\n"
      "    helper_identity: /etc/flotilla/helper-identity.pem\n"
      "Bring it there yourself. A device believes this key about where to send its half, so\n"
      "a controller that could exchange it could read both.");
  CLI::App* leader =
      builder.Add(app, "leader", Action::kLeader, "make the controller's way in",
                  "Writes helper-ca.crt, leader.crt and leader.key: credentials_dir of\n"
                  "health_helper in controller.yaml. Good for a year; run it again before.");
  leader->add_option("--out", line.out_folder, "folder to write them to")->required();
  builder.AddDevices();
  builder.Add(app, "run", Action::kRun, "serve until SIGTERM",
              "Writes <state_dir>/listener.json when it listens.");
  builder.Add(app, "version", Action::kVersion, "print the version", "");
}

}  // namespace flotilla::telemetry
