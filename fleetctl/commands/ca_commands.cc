#include "fleetctl/commands/ca_commands.h"

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "base/bytes.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/admin.grpc.pb.h"
#include "security/x509/bundle.h"

namespace flotilla::fleetctl {
namespace {

using v1::SystemService;

constexpr unsigned kPublic = 0644;
constexpr std::uint64_t kMaxChainBytes = 64U << 10U;

std::string NameOf(const v1::OperatorCa& ca) {
  return HexEncode(AsBytes(ca.fingerprint()));
}

std::string StandingCell(const v1::OperatorCa& ca) {
  if (ca.retired()) {
    return "retired";
  }
  return ca.issuing() ? "issues" : "trusted";
}

StatusOr<v1::ListCasResponse> ListCas(Cli& cli) {
  return Call<SystemService>(cli, &SystemService::Stub::ListCas, v1::ListCasRequest());
}

// The context's CA file holds every CA that the controller trusts, told over a session that one of
// them secures.
Status TakeUpBundle(Cli& cli, const v1::ListCasResponse& response) {
  std::string bundle;
  for (const v1::OperatorCa& ca : response.cas()) {
    if (!ca.retired()) {
      bundle += ca.certificate_pem();
    }
  }
  if (bundle.empty()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  OsDurableFs fs;
  return DurableWrite(fs, context.ca(), AsBytes(bundle), kPublic);
}

StatusOr<int> List(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::ListCasResponse response, ListCas(cli));
  FLOTILLA_RETURN_IF_ERROR(TakeUpBundle(cli, response));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"CA", "STATE", "DEVICES", "UNTIL"});
  for (const v1::OperatorCa& ca : response.cas()) {
    table.Add({NameOf(ca), StandingCell(ca), std::to_string(ca.certificates()),
               TimeCell(ca.expires_at())});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Rotate(Cli& cli, const std::string& valid_for) {
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm("A new CA will issue from now on; the present one stays trusted until it is "
                  "retired. The controller starts anew: sessions come back within seconds."));
  v1::RotateCaRequest request;
  if (!valid_for.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(valid_for));
    request.mutable_valid_for()->set_seconds(absl::ToInt64Seconds(life));
  }
  FLOTILLA_ASSIGN_OR_RETURN(v1::ListCasResponse before, ListCas(cli));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RotateCaResponse response,
                            (Call<SystemService>(cli, &SystemService::Stub::RotateCa, request)));
  *before.add_cas() = response.ca();
  FLOTILLA_RETURN_IF_ERROR(TakeUpBundle(cli, before));
  cli.out() << "CA " << NameOf(response.ca()) << " issues until "
            << TimeCell(response.ca().expires_at())
            << "; devices renew when they connect (fleetctl ca list)\n";
  return kExitOk;
}

struct RetireOptions {
  std::string fingerprint;
  bool force = false;
};

// A fingerprint, or the beginning of exactly one.
StatusOr<std::string> FullName(const v1::ListCasResponse& all, const std::string& beginning) {
  std::string found;
  for (const v1::OperatorCa& ca : all.cas()) {
    if (NameOf(ca).rfind(beginning, 0) == 0) {
      if (!found.empty()) {
        return InvalidArgument("more than one CA begins with " + beginning);
      }
      found = ca.fingerprint();
    }
  }
  return found.empty() ? StatusOr<std::string>(NotFound("no CA begins with " + beginning)) : found;
}

// Who retires the CA of his own certificate is locked out by it.
Status CheckOwnCertificate(Cli& cli, const v1::ListCasResponse& all, const std::string& retired) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes own, ReadFile(context.certificate(), kMaxChainBytes));
  for (const v1::OperatorCa& ca : all.cas()) {
    if (ca.fingerprint() == retired && security::IssuerOf(AsText(own), ca.certificate_pem()).ok()) {
      return FailedPrecondition(
          "your own certificate hangs under this CA: get one of the new CA first (fleetctl "
          "operator "
          "add --renew, or flotilla-controller init on the controller's machine)");
    }
  }
  return OkStatus();
}

StatusOr<int> Retire(Cli& cli, const RetireOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(v1::ListCasResponse all, ListCas(cli));
  v1::RetireCaRequest request;
  FLOTILLA_ASSIGN_OR_RETURN(*request.mutable_fingerprint(), FullName(all, options.fingerprint));
  FLOTILLA_RETURN_IF_ERROR(CheckOwnCertificate(cli, all, request.fingerprint()));
  request.set_force(options.force);
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm("Every certificate and token under this CA will be worthless. The controller "
                  "starts anew with a certificate of the CA that issues."));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RetireCaResponse response,
                            (Call<SystemService>(cli, &SystemService::Stub::RetireCa, request)));
  for (v1::OperatorCa& ca : *all.mutable_cas()) {
    ca.set_retired(ca.retired() || ca.fingerprint() == response.ca().fingerprint());
  }
  FLOTILLA_RETURN_IF_ERROR(TakeUpBundle(cli, all));
  cli.out() << "CA " << NameOf(response.ca()) << " is retired\n";
  return kExitOk;
}

}  // namespace

void AddCaCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "ca", "The CA of devices and operators");
  cli.AddCommand(group, "list", "Show the CAs and how many devices hang under each",
                 "fleetctl ca list", &List);
  const auto valid_for = std::make_shared<std::string>();
  CLI::App& rotate = cli.AddCommand(group, "rotate", "Make a new CA; the old one stays trusted",
                                    "fleetctl ca rotate --valid-for 3650d --yes",
                                    [valid_for](Cli& run) { return Rotate(run, *valid_for); });
  rotate.add_option("--valid-for", *valid_for, "Life of the new CA; ten years when left out");
  const auto retire_options = std::make_shared<RetireOptions>();
  CLI::App& retire =
      cli.AddCommand(group, "retire", "Trust an old CA no more, once no device needs it",
                     "fleetctl ca retire 3f7a90c2 --yes",
                     [retire_options](Cli& run) { return Retire(run, *retire_options); });
  retire.add_option("ca", retire_options->fingerprint, "Fingerprint, or how it begins")->required();
  retire.add_flag("--force", retire_options->force,
                  "Although devices hold certificates of it: they have to be enrolled again");
}

}  // namespace flotilla::fleetctl
