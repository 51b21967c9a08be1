#include "controller/fleet/fleet_state.h"

namespace flotilla::controller {
namespace {

template <typename Map, typename Key>
auto* Find(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

void FleetState::Load(const FleetSnapshot& snapshot) {
  FleetChange change;
  change.devices = snapshot.devices;
  change.releases = snapshot.releases;
  change.tokens = snapshot.tokens;
  change.revocations = snapshot.revocations;
  change.operators = snapshot.operators;
  Take(change);
}

void FleetState::Take(const FleetChange& change) {
  for (const StoredDevice& device : change.devices) {
    devices_[device.record.id()] = device;
  }
  for (const v1::Release& release : change.releases) {
    releases_[{release.ref().line(), release.ref().version()}] = release;
  }
  for (const StoredToken& token : change.tokens) {
    tokens_[token.token.id()] = token;
  }
  for (const Revocation& revocation : change.revocations) {
    revocations_[revocation.serial_hex] = revocation;
  }
  for (const v1::Operator& certificate : change.operators) {
    operators_[certificate.certificate_serial()] = certificate;
  }
}

void FleetState::ForEachDevice(const std::function<void(const v1::Device&)>& visit) const {
  for (const auto& [id, device] : devices_) {
    visit(device.record);
  }
}

const v1::Device* FleetState::FindDevice(const std::string& id) const {
  const StoredDevice* found = FindStored(id);
  return found == nullptr ? nullptr : &found->record;
}

const StoredDevice* FleetState::FindStored(const std::string& id) const {
  return Find(devices_, id);
}

StoredDevice* FleetState::MutableDevice(const std::string& id) {
  return Find(devices_, id);
}

const v1::Release* FleetState::FindRelease(const std::string& line,
                                           const std::string& version) const {
  return Find(releases_, ReleaseKey(line, version));
}

const StoredToken* FleetState::FindToken(const std::string& id) const {
  return Find(tokens_, id);
}

bool FleetState::IsRevoked(const std::string& serial_hex) const {
  return revocations_.contains(serial_hex);
}

}  // namespace flotilla::controller
