#include "fleetctl/commands/operator_commands.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/admin.grpc.pb.h"
#include "security/x509/ec_key.h"
#include "security/x509/operator_role.h"
#include "security/x509/wire_role.h"

namespace flotilla::fleetctl {
namespace {

using v1::OperatorAdminService;

constexpr std::uint64_t kMaxCsrBytes = 16U << 10U;
constexpr unsigned kPrivate = 0600;
constexpr char kPemBegin[] = "-----BEGIN CERTIFICATE REQUEST-----";
constexpr char kPemEnd[] = "-----END CERTIFICATE REQUEST-----";

struct RequestOptions {
  std::string key;
  std::string out;
};

struct AddOptions {
  std::string name;
  std::string role;
  std::string csr;
  std::string out;
  std::string valid_for = "90d";
  bool renew = false;
};

std::string RoleCell(v1::OperatorRole role) {
  return ShortName(v1::OperatorRole_Name(role), "OPERATOR_ROLE_");
}

// DER as it is, PEM as openssl req writes it.
StatusOr<Bytes> ReadCsr(const std::string& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, kMaxCsrBytes));
  const std::string text = ToText(bytes);
  const std::size_t begin = text.find(kPemBegin);
  if (begin == std::string::npos) {
    return bytes;
  }
  const std::size_t body = begin + sizeof kPemBegin - 1;
  std::string base64;
  for (const char c : text.substr(body, text.find(kPemEnd, body) - body)) {
    if (c == '+' || c == '/') {
      base64.push_back(c == '+' ? '-' : '_');
    } else if (c != '\n' && c != '\r' && c != '=') {
      base64.push_back(c);
    }
  }
  return Base64UrlDecode(base64);
}

StatusOr<int> Request(Cli& cli, const RequestOptions& options) {
  if (FileSize(options.key).ok()) {
    return AlreadyExists(options.key + " is there already: it is not overwritten");
  }
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, key.ToPem());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, options.key, AsBytes(pem), kPrivate));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, options.out, csr));
  cli.out() << "your key stays in " << options.key << "; give " << options.out
            << " to an admin, who runs\n  fleetctl operator add NAME --role ROLE --csr "
            << options.out << " --out NAME.crt\n";
  return kExitOk;
}

StatusOr<int> Add(Cli& cli, const AddOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::OperatorRole role,
                            security::ParseOperatorRole(options.role));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, ReadCsr(options.csr));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration valid_for, ParseDurationText(options.valid_for));
  v1::AddOperatorRequest request;
  request.set_name(options.name);
  request.set_role(security::ToWire(role));
  request.set_csr_der(ToText(csr));
  request.mutable_valid_for()->set_seconds(absl::ToInt64Seconds(valid_for));
  request.set_renew(options.renew);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::AddOperatorResponse response,
      (Call<OperatorAdminService>(cli, &OperatorAdminService::Stub::AddOperator, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  cli.err() << "operator " << response.operator_().name() << ", role " << options.role
            << ", certificate " << response.operator_().certificate_serial() << " until "
            << TimeCell(response.operator_().expires_at()) << "\n";
  if (options.out.empty()) {
    cli.out() << response.certificate_chain_pem();
    return kExitOk;
  }
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs, options.out, AsBytes(response.certificate_chain_pem())));
  return kExitOk;
}

StatusOr<int> List(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListOperatorsResponse response,
      (Call<OperatorAdminService>(cli, &OperatorAdminService::Stub::ListOperators,
                                  v1::ListOperatorsRequest())));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"NAME", "ROLE", "CERTIFICATE", "EXPIRES", "CREATED BY", "STATE"});
  for (const v1::Operator& one : response.operators()) {
    table.Add({one.name(), RoleCell(one.role()), one.certificate_serial(),
               TimeCell(one.expires_at()), one.created_by(), one.revoked() ? "revoked" : "good"});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Revoke(Cli& cli, const v1::RevokeOperatorRequest& request) {
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm("Every certificate of operator " + request.name() + " stops working at once."));
  FLOTILLA_RETURN_IF_ERROR(
      (Call<OperatorAdminService>(cli, &OperatorAdminService::Stub::RevokeOperator, request)
           .status()));
  cli.out() << "operator " << request.name() << " is revoked\n";
  return kExitOk;
}

void AddRequest(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<RequestOptions>();
  CLI::App& request = cli.AddCommand(
      group, "request", "Make a key and the request for a certificate; nothing is sent anywhere",
      "fleetctl operator request --key alice.key --out alice.csr",
      [options](Cli& run) { return Request(run, *options); });
  request.add_option("--key", options->key, "File for the new private key")->required();
  request.add_option("--out", options->out, "File for the request (DER)")->required();
}

void AddAdd(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<AddOptions>();
  CLI::App& add = cli.AddCommand(
      group, "add", "Give somebody a certificate, and with it a role",
      "fleetctl operator add alice --role release-manager --csr alice.csr --out alice.crt\n"
      "  fleetctl operator add alice --role viewer --csr alice2.csr --out alice.crt --renew",
      [options](Cli& run) { return Add(run, *options); });
  add.add_option("name", options->name, "Name of the operator")->required();
  add.add_option("--role", options->role, "viewer, operator, release-manager or admin")->required();
  add.add_option("--csr", options->csr, "Certificate request, PEM or DER, key P-256")->required();
  add.add_option("--out", options->out, "File for the certificate chain; else standard output");
  add.add_option("--valid-for", options->valid_for, "1h to 400d")->capture_default_str();
  add.add_flag("--renew", options->renew,
               "The name has a certificate; another role ends that one at once");
}

}  // namespace

void AddOperatorCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "operator", "Who may do what with this fleet");
  AddRequest(cli, group);
  AddAdd(cli, group);
  cli.AddCommand(group, "list", "Show the operators and their certificates",
                 "fleetctl operator list", &List);
  const auto revoke = std::make_shared<v1::RevokeOperatorRequest>();
  CLI::App& command = cli.AddCommand(group, "revoke", "End every certificate of an operator",
                                     "fleetctl operator revoke alice --comment 'left the company'",
                                     [revoke](Cli& run) { return Revoke(run, *revoke); });
  command
      .add_option_function<std::string>(
          "name", [revoke](const std::string& name) { revoke->set_name(name); },
          "Name of the operator")
      ->required();
  command.add_option_function<std::string>(
      "--comment", [revoke](const std::string& text) { revoke->set_comment(text); },
      "Why, for the audit log");
}

}  // namespace flotilla::fleetctl
