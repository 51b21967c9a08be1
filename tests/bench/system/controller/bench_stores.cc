#include "tests/bench/system/controller/bench_stores.h"

#include <string>
#include <unordered_map>

namespace flotilla::controller {

Status OneByOneStore::Commit(const FleetChange& change) {
  if (change.reports.empty()) {
    return ForwardingFleetStore::Commit(change);
  }
  std::unordered_map<std::string, const StoredDevice*> rows;
  for (const StoredDevice& device : change.devices) {
    rows[device.record.id()] = &device;
  }
  for (const StoredReport& report : change.reports) {
    FleetChange one;
    one.reports.push_back(report);
    if (const auto row = rows.find(report.device_id); row != rows.end()) {
      one.devices.push_back(*row->second);
    }
    FLOTILLA_RETURN_IF_ERROR(ForwardingFleetStore::Commit(one));
  }
  FleetChange rest = change;
  rest.reports.clear();
  rest.devices.clear();
  return rest.empty() ? OkStatus() : ForwardingFleetStore::Commit(rest);
}

FleetChange ChangeOf(const FleetSnapshot& snapshot) {
  FleetChange change;
  change.devices = snapshot.devices;
  change.rollouts = snapshot.rollouts;
  change.rollout_devices = snapshot.rollout_devices;
  change.baselines = snapshot.baselines;
  change.releases = snapshot.releases;
  change.tokens = snapshot.tokens;
  change.certificates = snapshot.certificates;
  change.revocations = snapshot.revocations;
  change.operators = snapshot.operators;
  return change;
}

}  // namespace flotilla::controller
