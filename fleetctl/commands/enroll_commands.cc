#include "fleetctl/commands/enroll_commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/enrolment.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

using v1::EnrolmentAdminService;

struct CreateOptions {
  std::uint32_t uses = 1;
  std::string valid_for = "24h";
  std::vector<std::string> labels;
};

StatusOr<v1::CreateTokenRequest> RequestOf(const CreateOptions& options) {
  v1::CreateTokenRequest request;
  request.set_max_uses(options.uses);
  FLOTILLA_ASSIGN_OR_RETURN(const Duration valid_for, ParseDurationText(options.valid_for));
  request.mutable_valid_for()->set_seconds(absl::ToInt64Seconds(valid_for));
  for (const std::string& label : options.labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) {
      return InvalidArgument("'" + label + "' is no label: write name=value");
    }
    (*request.mutable_labels())[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return request;
}

StatusOr<int> Create(Cli& cli, const CreateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::CreateTokenRequest request, RequestOf(options));
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::CreateTokenResponse response,
      (Call<EnrolmentAdminService>(cli, &EnrolmentAdminService::Stub::CreateToken, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  // The token alone on standard output, so that a script can catch it.
  cli.err() << "token " << response.token().id() << ": " << response.token().max_uses()
            << " uses, until " << TimeCell(response.token().expires_at())
            << ". It is shown this once.\n";
  cli.out() << response.text() << "\n";
  return kExitOk;
}

StatusOr<int> List(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListTokensResponse response,
      (Call<EnrolmentAdminService>(cli, &EnrolmentAdminService::Stub::ListTokens,
                                   v1::ListTokensRequest())));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"ID", "USES", "EXPIRES", "CREATED BY", "STATE"});
  for (const v1::EnrolmentToken& token : response.tokens()) {
    table.Add({token.id(), std::to_string(token.uses()) + "/" + std::to_string(token.max_uses()),
               TimeCell(token.expires_at()), token.created_by(),
               token.revoked() ? "revoked" : "valid"});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Revoke(Cli& cli, const std::string& id) {
  v1::RevokeTokenRequest request;
  request.set_id(id);
  FLOTILLA_RETURN_IF_ERROR(
      (Call<EnrolmentAdminService>(cli, &EnrolmentAdminService::Stub::RevokeToken, request)
           .status()));
  cli.out() << "token " << id << " is revoked\n";
  return kExitOk;
}

}  // namespace

void AddEnrollCommands(Cli& cli) {
  CLI::App& enroll = cli.AddGroup(cli.app(), "enroll", "Bring new devices into the fleet");
  CLI::App& token = cli.AddGroup(enroll, "token", "One-time tokens");
  const auto options = std::make_shared<CreateOptions>();
  CLI::App& create =
      cli.AddCommand(token, "create", "Make a token; its text is shown once",
                     "fleetctl enroll token create --uses 10 --valid-for 2h --label ring=lab",
                     [options](Cli& run) { return Create(run, *options); });
  create.add_option("--uses", options->uses, "How many devices may enrol with it")
      ->capture_default_str();
  create.add_option("--valid-for", options->valid_for, "How long, at most 90d")
      ->capture_default_str();
  create.add_option("--label", options->labels,
                    "name=value for its devices; may be given several times");
  cli.AddCommand(token, "list", "Show the tokens, without their secrets",
                 "fleetctl enroll token list", &List);
  const auto id = std::make_shared<std::string>();
  CLI::App& revoke =
      cli.AddCommand(token, "revoke", "Make a token worthless", "fleetctl enroll token revoke ID",
                     [id](Cli& run) { return Revoke(run, *id); });
  revoke.add_option("id", *id, "Id of the token")->required();
}

}  // namespace flotilla::fleetctl
