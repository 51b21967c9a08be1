#include "controller/fleet/fleet_state.h"

#include <algorithm>

#include "controller/fleet/proto_time.h"
#include "controller/rollout/revocation.h"

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
  change.certificates = snapshot.certificates;
  change.revocations = snapshot.revocations;
  change.operators = snapshot.operators;
  Take(change);
}

void FleetState::Take(const FleetChange& change) {
  for (const StoredDevice& device : change.devices) {
    devices_[device.record.id()] = device;
    if (device.record.clone_suspected()) {
      clones_.insert(device.record.id());
    } else {
      clones_.erase(device.record.id());
    }
  }
  for (const v1::Release& release : change.releases) {
    releases_[{release.ref().line(), release.ref().version()}] = release;
  }
  if (!change.releases.empty()) {
    FindRevoked();
  }
  for (const StoredToken& token : change.tokens) {
    tokens_[token.token.id()] = token;
  }
  for (const HeldCertificate& certificate : change.certificates) {
    if (certificates_.emplace(certificate.serial_hex, certificate).second) {
      serials_of_.emplace(certificate.device_id, certificate.serial_hex);
    }
  }
  for (const Revocation& revocation : change.revocations) {
    Forget(revocation.serial_hex);
    revocations_[revocation.serial_hex] = revocation;
  }
  for (const v1::Operator& certificate : change.operators) {
    operators_[certificate.certificate_serial()] = certificate;
  }
}

void FleetState::FindRevoked() {
  revoked_.clear();
  for (const auto& [key, release] : releases_) {
    if (rollout::IsRevoked(release)) {
      revoked_.push_back(&release);
    }
  }
  std::stable_sort(revoked_.begin(), revoked_.end(), [](const auto* a, const auto* b) {
    return FromProto(a->revocation().decided_at()) > FromProto(b->revocation().decided_at());
  });
}

void FleetState::ForEachDevice(const std::function<void(const v1::Device&)>& visit) const {
  for (const auto& [id, device] : devices_.rows()) {
    visit(device.record);
  }
}

const v1::Device* FleetState::FindDevice(const std::string& id) const {
  const StoredDevice* found = FindStored(id);
  return found == nullptr ? nullptr : &found->record;
}

const StoredDevice* FleetState::FindStored(const std::string& id) const {
  return devices_.Find(id);
}

StoredDevice* FleetState::MutableDevice(const std::string& id) {
  return devices_.Find(id);
}

const v1::Release* FleetState::FindRelease(const std::string& line,
                                           const std::string& version) const {
  return Find(releases_, ReleaseKey(line, version));
}

const StoredToken* FleetState::FindToken(const std::string& id) const {
  return Find(tokens_, id);
}

void FleetState::Forget(const std::string& serial_hex) {
  const auto held = certificates_.find(serial_hex);
  if (held == certificates_.end()) {
    return;
  }
  const auto [begin, end] = serials_of_.equal_range(held->second.device_id);
  const auto serial =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second == serial_hex; });
  if (serial != end) {
    serials_of_.erase(serial);
  }
  certificates_.erase(held);
}

const HeldCertificate* FleetState::FindCertificate(const std::string& serial_hex) const {
  return Find(certificates_, serial_hex);
}

std::vector<HeldCertificate> FleetState::CertificatesOf(const std::string& device_id) const {
  std::vector<HeldCertificate> held;
  const auto [begin, end] = serials_of_.equal_range(device_id);
  for (auto entry = begin; entry != end; ++entry) {
    held.push_back(certificates_.at(entry->second));
  }
  std::stable_sort(held.begin(), held.end(),
                   [](const auto& a, const auto& b) { return a.issued_at < b.issued_at; });
  return held;
}

bool FleetState::IsRevoked(const std::string& serial_hex) const {
  return revocations_.contains(serial_hex);
}

}  // namespace flotilla::controller
