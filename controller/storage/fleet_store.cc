#include "controller/storage/fleet_store.h"

#include <iterator>
#include <utility>

namespace flotilla::controller {
namespace {

template <typename T>
void Append(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty()) {
    to = std::move(from);
    return;
  }
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::size_t FleetChange::rows() const {
  return devices.size() + reports.size() + rollouts.size() + rollout_devices.size() +
         baselines.size() + releases.size() + tokens.size() + certificates.size() +
         revocations.size() + operators.size() + policies.size() + audit.size();
}

void FleetChange::Merge(FleetChange&& later) {
  Append(devices, std::move(later.devices));
  Append(reports, std::move(later.reports));
  Append(rollouts, std::move(later.rollouts));
  Append(rollout_devices, std::move(later.rollout_devices));
  Append(baselines, std::move(later.baselines));
  Append(releases, std::move(later.releases));
  Append(tokens, std::move(later.tokens));
  Append(certificates, std::move(later.certificates));
  Append(revocations, std::move(later.revocations));
  Append(operators, std::move(later.operators));
  Append(policies, std::move(later.policies));
  Append(audit, std::move(later.audit));
}

}  // namespace flotilla::controller
