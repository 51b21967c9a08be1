#include "fleetctl/commands/rollout_history_command.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "flotilla/v1/admin.grpc.pb.h"

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint32_t kPageSize = 1000;
constexpr int kMaxPages = 100;

// Newest first, from the audit log, up to the entry that created the rollout.
StatusOr<std::vector<v1::AuditEntry>> EntriesOf(const Cli& cli, const std::string& id) {
  std::vector<v1::AuditEntry> found;
  v1::ListAuditRequest request;
  request.set_page_size(kPageSize);
  for (int page = 0; page < kMaxPages; ++page) {
    FLOTILLA_ASSIGN_OR_RETURN(
        const v1::ListAuditResponse response,
        (Call<v1::AuditService>(cli, &v1::AuditService::Stub::ListAudit, request)));
    for (const v1::AuditEntry& entry : response.entries()) {
      if (entry.subject() != "rollout/" + id) {
        continue;
      }
      found.push_back(entry);
      if (entry.action() == "rollout.create") {
        return found;
      }
    }
    if (response.entries_size() < static_cast<int>(kPageSize)) {
      break;
    }
    request.set_before_seq(response.entries().rbegin()->seq());
  }
  return found;
}

StatusOr<int> ShowHistory(Cli& cli, const std::string& id) {
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<v1::AuditEntry> entries, EntriesOf(cli, id));
  if (entries.empty()) {
    return NotFound("the audit log says nothing of a rollout " + id);
  }
  std::reverse(entries.begin(), entries.end());
  if (cli.form() == OutputForm::kJson) {
    v1::ListAuditResponse all;
    all.mutable_entries()->Assign(entries.begin(), entries.end());
    PrintJson(cli.out(), all);
    return kExitOk;
  }
  Table table({"TIME", "WHO", "WHAT", "DETAIL"});
  for (const v1::AuditEntry& entry : entries) {
    table.Add({TimeCell(entry.at()), entry.actor(), entry.action(), entry.detail()});
  }
  table.Print(cli.out());
  return kExitOk;
}

}  // namespace

void AddRolloutHistoryCommand(Cli& cli, CLI::App& group) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = cli.AddCommand(
      group, "history", "Show who did what to a rollout, oldest first",
      "fleetctl rollout history pump-2.0.0", [id](Cli& run) { return ShowHistory(run, *id); });
  command.add_option("rollout", *id, "Name of the rollout")->required();
}

}  // namespace flotilla::fleetctl
