#include "fleetctl/commands/audit_commands.h"

#include <cstdint>
#include <memory>
#include <string>

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/audit_verify_command.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

StatusOr<int> ShowAudit(Cli& cli, std::uint32_t limit) {
  v1::ListAuditRequest request;
  request.set_page_size(limit);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListAuditResponse response,
      (Call<v1::AuditService>(cli, &v1::AuditService::Stub::ListAudit, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"SEQ", "TIME", "WHO", "WHAT", "ON", "DETAIL"});
  for (const v1::AuditEntry& entry : response.entries()) {
    table.Add({std::to_string(entry.seq()), TimeCell(entry.at()), entry.actor(), entry.action(),
               entry.subject(), entry.detail()});
  }
  table.Print(cli.out());
  return kExitOk;
}

}  // namespace

void AddAuditCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "audit", "Who did what");
  const auto limit = std::make_shared<std::uint32_t>(100);
  CLI::App& list = cli.AddCommand(group, "list", "Show the newest entries of the audit log",
                                  "fleetctl audit list --limit 20",
                                  [limit](Cli& run) { return ShowAudit(run, *limit); });
  list.add_option("--limit", *limit, "How many")->capture_default_str();
  AddAuditVerifyCommand(cli, group);
}

}  // namespace flotilla::fleetctl
