#include "fleetctl/commands/all_commands.h"

#include "fleetctl/commands/approval_commands.h"
#include "fleetctl/commands/audit_commands.h"
#include "fleetctl/commands/bundle_commands.h"
#include "fleetctl/commands/ca_commands.h"
#include "fleetctl/commands/context_commands.h"
#include "fleetctl/commands/dashboard_commands.h"
#include "fleetctl/commands/delegate_commands.h"
#include "fleetctl/commands/device_commands.h"
#include "fleetctl/commands/enroll_commands.h"
#include "fleetctl/commands/expiry_commands.h"
#include "fleetctl/commands/floor_commands.h"
#include "fleetctl/commands/health_budget_command.h"
#include "fleetctl/commands/health_commands.h"
#include "fleetctl/commands/key_commands.h"
#include "fleetctl/commands/operator_commands.h"
#include "fleetctl/commands/policy_commands.h"
#include "fleetctl/commands/recover_commands.h"
#include "fleetctl/commands/release_commands.h"
#include "fleetctl/commands/repo_commands.h"
#include "fleetctl/commands/rollout_commands.h"
#include "fleetctl/commands/root_commands.h"
#include "fleetctl/commands/sim_commands.h"

namespace flotilla::fleetctl {

void AddAllCommands(Cli& cli) {
  AddContextCommands(cli);
  AddKeyCommands(cli);
  AddRootCommands(cli);
  AddDelegateCommands(cli);
  AddRepoCommands(cli);
  AddRecoverCommands(cli);
  AddFloorCommands(cli);
  AddReleaseCommands(cli);
  AddBundleCommands(cli);
  AddRolloutCommands(cli);
  AddApprovalCommands(cli);
  AddEnrollCommands(cli);
  AddDeviceCommands(cli);
  AddPolicyCommands(cli);
  AddCaCommands(cli);
  AddOperatorCommands(cli);
  AddHealthCommands(cli);
  AddAuditCommands(cli);
  AddExpiryCommands(cli);
  AddDashboardCommands(cli);
  AddHealthBudgetCommand(cli);
  AddSimCommands(cli);
}

}  // namespace flotilla::fleetctl
