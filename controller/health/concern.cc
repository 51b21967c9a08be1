#include "controller/health/concern.h"

#include <cstdint>

#include "base/bytes.h"
#include "controller/health/cohort.h"
#include "telemetry/schema/registry.h"

namespace flotilla::controller {

DeviceConcern ConcernOf(const v1::Device& device) {
  DeviceConcern concern{ReleasesOf(device), {}, {}};
  for (const v1::LineStatus& line : device.lines()) {
    for (const std::string& bad : line.marked_bad_sha256()) {
      if (const StatusOr<Digest> digest = Digest::FromBytes(AsBytes(bad)); digest.ok()) {
        concern.given_up.insert(*digest);
      }
    }
  }
  return concern;
}

bool Concerns(const HealthOffer& offer, const DeviceConcern& device) {
  if (!offer.guards.empty()) {
    return device.guarded.contains(offer.task);
  }
  const bool verdict = offer.metric == static_cast<std::uint32_t>(schema::MetricId::kGateVerdict);
  return offer.kind == dap::TaskKind::kDemo || device.releases.contains(offer.release) ||
         (verdict && device.given_up.contains(offer.release));
}

std::set<std::string> GuardOffers(const HealthPicture& picture) {
  std::set<std::string> tasks;
  for (const HealthOffer& offer : picture.offers) {
    if (!offer.guards.empty()) {
      tasks.insert(offer.task);
    }
  }
  return tasks;
}

}  // namespace flotilla::controller
