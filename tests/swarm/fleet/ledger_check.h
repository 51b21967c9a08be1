// The swarm's own ledger against what the controller says.
#ifndef FLOTILLA_TESTS_SWARM_FLEET_LEDGER_CHECK_H_
#define FLOTILLA_TESTS_SWARM_FLEET_LEDGER_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "tests/swarm/fleet/operator_access.h"

namespace flotilla::swarm {

// One device's side: its outbox, and the state of report n at [n - 1].
struct DeviceLedger {
  std::string id;
  std::uint64_t boot_epoch = 0;
  std::vector<v1::DeploymentState> made;
  std::uint64_t waiting = 0;  // of `made`, the newest ones: not acknowledged
};

struct LedgerAnswer {
  std::size_t devices = 0;    // asked about
  std::uint64_t checked = 0;  // reports compared; the controller tells the newest 50 of a device
  std::uint64_t lost = 0;     // acknowledged, and not there
  std::uint64_t doubled = 0;  // there more than once
  std::uint64_t altered = 0;  // there, with another state, or never made
  std::vector<std::string> examples;
};

// Compares what the controller told about one device (newest first) with its ledger. Pure.
void CompareLedger(const DeviceLedger& own, const std::vector<v1::UpdateReport>& told,
                   LedgerAnswer& answer);

// Asks about every device that made a report. Blocking. Errors as of DeviceAdminService.
StatusOr<LedgerAnswer> CheckLedgers(const OperatorAccess& access,
                                    const std::vector<DeviceLedger>& ledgers);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_LEDGER_CHECK_H_
