#include "fleetctl/commands/enroll_commands.h"

#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/enrolment.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

using v1::EnrolmentAdminService;

constexpr std::uint64_t kMaxSerialsBytes = 1U << 20U;
constexpr std::size_t kKeyDigits = 16;

struct CreateOptions {
  std::uint32_t uses = 1;
  std::string valid_for = "24h";
  std::vector<std::string> labels;
  std::string serials_file;
  std::string site;
};

// One serial number a line; empty lines and those that begin with # do not count.
StatusOr<std::vector<std::string>> ReadSerials(const std::string& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(file, kMaxSerialsBytes));
  std::vector<std::string> serials;
  std::istringstream lines(ToText(text));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string serial;
    if (words >> serial && serial.front() != '#') {
      serials.push_back(serial);
    }
  }
  return serials.empty()
             ? StatusOr<std::vector<std::string>>(InvalidArgument(file + " holds no serial number"))
             : serials;
}

Status TakeLabels(const std::vector<std::string>& labels,
                  google::protobuf::Map<std::string, std::string>& map) {
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) {
      return InvalidArgument("'" + label + "' is no label: write name=value");
    }
    map[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return OkStatus();
}

StatusOr<v1::CreateTokenRequest> RequestOf(const CreateOptions& options) {
  v1::CreateTokenRequest request;
  request.set_max_uses(options.uses);
  FLOTILLA_ASSIGN_OR_RETURN(const Duration valid_for, ParseDurationText(options.valid_for));
  request.mutable_valid_for()->set_seconds(absl::ToInt64Seconds(valid_for));
  FLOTILLA_RETURN_IF_ERROR(TakeLabels(options.labels, *request.mutable_labels()));
  if (!options.serials_file.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<std::string> serials,
                              ReadSerials(options.serials_file));
    request.mutable_serials()->Assign(serials.begin(), serials.end());
  }
  request.set_site(options.site);
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

std::string BindingCell(const v1::EnrolmentToken& token) {
  std::string text = token.site().empty() ? "" : "site " + token.site();
  if (token.serials_size() > 0) {
    text += (text.empty() ? "" : ", ") + std::to_string(token.serials_size()) + " serials";
  }
  return text.empty() ? "any device" : text;
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
  Table table({"ID", "USES", "EXPIRES", "CREATED BY", "FOR", "STATE"});
  for (const v1::EnrolmentToken& token : response.tokens()) {
    table.Add({token.id(), std::to_string(token.uses()) + "/" + std::to_string(token.max_uses()),
               TimeCell(token.expires_at()), token.created_by(), BindingCell(token),
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

StatusOr<int> ListRequests(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListEnrolmentRequestsResponse response,
      (Call<EnrolmentAdminService>(cli, &EnrolmentAdminService::Stub::ListEnrolmentRequests,
                                   v1::ListEnrolmentRequestsRequest())));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"ID", "DEVICE", "SERIAL", "KEY", "FACTORY", "ASKED", "STATE"});
  for (const v1::EnrolmentRequest& request : response.requests()) {
    const bool waits = request.decision() == v1::ENROLMENT_DECISION_UNSPECIFIED;
    table.Add(
        {request.id(), request.device_id(), request.serial(),
         HexEncode(AsBytes(request.key_sha256())).substr(0, kKeyDigits), request.factory_subject(),
         TimeCell(request.asked_at()),
         waits ? "waits"
               : ShortName(v1::EnrolmentDecision_Name(request.decision()), "ENROLMENT_DECISION_") +
                     " by " + request.decided_by()});
  }
  table.Print(cli.out());
  return kExitOk;
}

struct DecideOptions {
  std::string id;
  std::vector<std::string> labels;
};

StatusOr<int> Decide(Cli& cli, const DecideOptions& options, v1::EnrolmentDecision decision) {
  v1::DecideEnrolmentRequestRequest request;
  request.set_id(options.id);
  request.set_decision(decision);
  FLOTILLA_RETURN_IF_ERROR(TakeLabels(options.labels, *request.mutable_labels()));
  FLOTILLA_RETURN_IF_ERROR((Call<EnrolmentAdminService>(
                                cli, &EnrolmentAdminService::Stub::DecideEnrolmentRequest, request)
                                .status()));
  cli.out() << "request " << options.id << " is "
            << (decision == v1::ENROLMENT_DECISION_APPROVED ? "approved" : "denied")
            << "; the device hears it when it asks again\n";
  return kExitOk;
}

void AddCsrCommands(Cli& cli, CLI::App& enroll) {
  CLI::App& csr = cli.AddGroup(enroll, "csr", "Devices that ask without a token");
  cli.AddCommand(csr, "list", "Show who waits for approval", "fleetctl enroll csr list",
                 &ListRequests);
  const auto approved = std::make_shared<DecideOptions>();
  CLI::App& approve = cli.AddCommand(
      csr, "approve", "Let a device in; compare its key with the device first",
      "fleetctl enroll csr approve 5f0c6a1b22d4 --label ring=lab",
      [approved](Cli& run) { return Decide(run, *approved, v1::ENROLMENT_DECISION_APPROVED); });
  approve.add_option("id", approved->id, "Id of the request")->required();
  approve.add_option("--label", approved->labels, "name=value for the device");
  const auto denied = std::make_shared<DecideOptions>();
  CLI::App& deny = cli.AddCommand(
      csr, "deny", "Turn a device away", "fleetctl enroll csr deny 5f0c6a1b22d4",
      [denied](Cli& run) { return Decide(run, *denied, v1::ENROLMENT_DECISION_DENIED); });
  deny.add_option("id", denied->id, "Id of the request")->required();
}

}  // namespace

void AddEnrollCommands(Cli& cli) {
  CLI::App& enroll = cli.AddGroup(cli.app(), "enroll", "Bring new devices into the fleet");
  CLI::App& token = cli.AddGroup(enroll, "token", "One-time tokens");
  const auto options = std::make_shared<CreateOptions>();
  CLI::App& create =
      cli.AddCommand(token, "create", "Make a token; its text is shown once",
                     "fleetctl enroll token create --uses 10 --expires 7d --serials serials.txt "
                     "--site plant-4",
                     [options](Cli& run) { return Create(run, *options); });
  create.add_option("--uses", options->uses, "How many devices may enrol with it")
      ->capture_default_str();
  create.add_option("--expires,--valid-for", options->valid_for, "After how long, at most 90d")
      ->capture_default_str();
  create.add_option("--label", options->labels,
                    "name=value for its devices; may be given several times");
  create.add_option("--serials", options->serials_file,
                    "File with the serial numbers it is good for, one a line");
  create.add_option("--site", options->site, "Site of its devices; becomes their label \"site\"");
  cli.AddCommand(token, "list", "Show the tokens, without their secrets",
                 "fleetctl enroll token list", &List);
  const auto id = std::make_shared<std::string>();
  CLI::App& revoke =
      cli.AddCommand(token, "revoke", "Make a token worthless", "fleetctl enroll token revoke ID",
                     [id](Cli& run) { return Revoke(run, *id); });
  revoke.add_option("id", *id, "Id of the token")->required();
  AddCsrCommands(cli, enroll);
}

}  // namespace flotilla::fleetctl
