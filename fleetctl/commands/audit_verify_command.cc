#include "fleetctl/commands/audit_verify_command.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fleetctl/audit/head_notes.h"
#include "fleetctl/audit/log_verifier.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

struct VerifyOptions {
  std::uint64_t from = 1;
  std::string expect_head;
};

StatusOr<LogVerdict> Verify(Cli& cli, const VerifyOptions& options,
                            const std::optional<security::AuditHead>& remembered) {
  LogPlan plan;
  plan.from = options.from;
  if (remembered.has_value()) {
    plan.noted.push_back(*remembered);
  }
  if (!options.expect_head.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const security::AuditHead expected,
                              security::AuditHead::Parse(options.expect_head));
    if (expected.seq + 1 < plan.from) {
      return InvalidArgument("--expect-head lies before --from: it cannot be compared");
    }
    plan.noted.push_back(expected);
  }
  return VerifyLog(plan, [&cli](const v1::ListAuditRequest& request) {
    return Call<v1::AuditService>(cli, &v1::AuditService::Stub::ListAudit, request);
  });
}

void Print(Cli& cli, const LogVerdict& verdict,
           const std::optional<security::AuditHead>& remembered) {
  if (cli.form() == OutputForm::kJson) {
    boost::json::object body;
    body["sound"] = true;
    body["first_seq"] = verdict.first_seq;
    body["entries"] = verdict.entries;
    body["head"] = verdict.head.Text();
    body["noted_heads_compared"] = verdict.noted_compared;
    cli.out() << boost::json::serialize(body) << "\n";
    return;
  }
  cli.out() << "The audit log is sound: " << verdict.entries << " entries from seq "
            << verdict.first_seq << " on, recomputed here.\n";
  if (remembered.has_value()) {
    cli.out() << "It still holds the head that was noted here before, seq " << remembered->seq
              << ".\n";
  }
  cli.out() << "head " << verdict.head.Text() << "\n";
}

StatusOr<int> Run(Cli& cli, const VerifyOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  const HeadNotes notes(cli.contexts().folder());
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<security::AuditHead> remembered,
                            notes.Find(context.name()));
  FLOTILLA_ASSIGN_OR_RETURN(const LogVerdict verdict, Verify(cli, options, remembered));
  if (verdict.first_seq == 1) {
    FLOTILLA_RETURN_IF_ERROR(notes.Put(context.name(), verdict.head));
  }
  Print(cli, verdict, remembered);
  return kExitOk;
}

}  // namespace

void AddAuditVerifyCommand(Cli& cli, CLI::App& audit) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App& verify = cli.AddCommand(
      audit, "verify",
      "Recompute the audit log's chain of hashes on this machine: finds entries that were changed, "
      "taken out,\nmoved or cut off. The head is kept beside the file of contexts and compared the "
      "next time; note it\nsomewhere else too. Exit code 1 names the seq of the break.",
      "fleetctl audit verify\n  fleetctl audit verify --from 90000 --expect-head 91200:5c1f...",
      [options](Cli& run) { return Run(run, *options); });
  verify.add_option("--from", options->from, "First seq; believes the hash of the one before")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verify.add_option("--expect-head", options->expect_head,
                    "SEQ:HASH that an earlier run printed: the log has to hold it still");
}

}  // namespace flotilla::fleetctl
