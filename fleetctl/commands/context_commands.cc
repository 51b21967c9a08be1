#include "fleetctl/commands/context_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include "base/file.h"
#include "base/os_clock.h"
#include "fleetctl/cli/completion.h"
#include "fleetctl/cli/exit_code.h"
#include "security/x509/peer.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint64_t kMaxPemBytes = 1U << 20U;

struct SetOptions {
  std::string name;
  std::string from;
  config::v1::Context given;
};

StatusOr<int> List(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::ContextFile contexts, cli.contexts().Read());
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), contexts);
    return kExitOk;
  }
  Table table({"CURRENT", "NAME", "OPERATOR", "DASHBOARD", "CERTIFICATE"});
  for (const config::v1::Context& context : contexts.contexts()) {
    table.Add({context.name() == contexts.current() ? "*" : "", context.name(),
               context.operator_address(), context.dashboard_address(), context.certificate()});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Set(Cli& cli, const SetOptions& options) {
  config::v1::Context context;
  if (!options.from.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(context, ContextFromFolder(options.name, options.from));
  }
  context.MergeFrom(options.given);
  context.set_name(options.name);
  FLOTILLA_RETURN_IF_ERROR(cli.contexts().Put(context));
  cli.out() << "context '" << context.name() << "' is set: " << context.operator_address() << "\n";
  return kExitOk;
}

StatusOr<std::string> ReadPem(const std::string& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(file, kMaxPemBytes));
  return ToText(text);
}

StatusOr<int> AuthStatus(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string certificate, ReadPem(context.certificate()));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string ca, ReadPem(context.ca()));
  FLOTILLA_ASSIGN_OR_RETURN(const security::PeerIdentity peer,
                            security::CheckPeer(certificate, ca, OsClock().Now()));
  cli.out() << "operator " << peer.name << ", role " << security::OperatorRoleName(peer.role)
            << ", on " << context.operator_address() << ", certificate " << peer.serial_hex
            << " until " << UtcText(peer.not_after) << "\n";
  return kExitOk;
}

void AddSet(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<SetOptions>();
  CLI::App& set =
      cli.AddCommand(group, "set", "Add or change a context",
                     "fleetctl context set lab --from /var/lib/flotilla-controller/operator\n"
                     "  fleetctl context set plant --operator fleet.example:7444 --dashboard "
                     "fleet.example:7445 --ca ca.crt --cert me.crt --key me.key",
                     [options](Cli& run) { return Set(run, *options); });
  set.add_option("name", options->name, "Name of the context")->required();
  set.add_option("--from", options->from, "operator/ folder of a controller on this machine");
  const auto add = [&set, options](const char* flag,
                                   void (config::v1::Context::*setter)(const std::string&),
                                   const char* what) {
    set.add_option_function<std::string>(
        flag, [options, setter](const std::string& value) { (options->given.*setter)(value); },
        what);
  };
  add("--operator", &config::v1::Context::set_operator_address<const std::string&>,
      "host:port of the operator listener");
  add("--dashboard", &config::v1::Context::set_dashboard_address<const std::string&>,
      "host:port of the dashboard");
  add("--ca", &config::v1::Context::set_ca<const std::string&>, "Certificate of the operator CA");
  add("--cert", &config::v1::Context::set_certificate<const std::string&>,
      "Your certificate chain");
  add("--key", &config::v1::Context::set_key<const std::string&>, "Your private key");
}

}  // namespace

void AddContextCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "context", "Which controller, and who you are");
  cli.AddCommand(group, "list", "Show the contexts", "fleetctl context list", &List);
  AddSet(cli, group);
  const auto name = std::make_shared<std::string>();
  CLI::App& use = cli.AddCommand(group, "use", "Choose the current context",
                                 "fleetctl context use plant", [name](Cli& run) -> StatusOr<int> {
                                   FLOTILLA_RETURN_IF_ERROR(run.contexts().Use(*name));
                                   return kExitOk;
                                 });
  use.add_option("name", *name, "Name of the context")->required();

  CLI::App& auth = cli.AddGroup(cli.app(), "auth", "Your certificate");
  cli.AddCommand(auth, "status", "Check your certificate against the CA", "fleetctl auth status",
                 &AuthStatus);

  const auto shell = std::make_shared<std::string>();
  CLI::App& completion = cli.AddCommand(
      cli.app(), "completion", "Print a completion script", "source <(fleetctl completion bash)",
      [shell](Cli& run) -> StatusOr<int> {
        FLOTILLA_ASSIGN_OR_RETURN(const std::string script, CompletionScript(run.app(), *shell));
        run.out() << script;
        return kExitOk;
      });
  completion.add_option("shell", *shell, "bash, zsh or fish")->required();
}

}  // namespace flotilla::fleetctl
