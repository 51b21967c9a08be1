#include "controller/fleet/revocation_set.h"

namespace flotilla::controller {

void RevocationSet::Add(const std::string& serial_hex) {
  const std::lock_guard lock(mutex_);
  serials_.insert(serial_hex);
  superseded_.erase(serial_hex);
}

bool RevocationSet::Contains(const std::string& serial_hex) const {
  const std::lock_guard lock(mutex_);
  return serials_.contains(serial_hex);
}

void RevocationSet::AddSuperseded(const std::string& serial_hex, Duration fetches_until) {
  const std::lock_guard lock(mutex_);
  if (serials_.insert(serial_hex).second) {
    superseded_[serial_hex] = fetches_until;
  }
}

bool RevocationSet::RefusesFetch(const std::string& serial_hex, Duration now) const {
  const std::lock_guard lock(mutex_);
  if (!serials_.contains(serial_hex)) {
    return false;
  }
  const auto superseded = superseded_.find(serial_hex);
  return superseded == superseded_.end() || now >= superseded->second;
}

void RevocationSet::SetDevice(const std::string& device_id, DeviceStanding standing) {
  const std::lock_guard lock(mutex_);
  if (standing == DeviceStanding::kRevoked) {
    devices_.insert(device_id);
  } else {
    devices_.erase(device_id);
  }
}

bool RevocationSet::ContainsDevice(const std::string& device_id) const {
  const std::lock_guard lock(mutex_);
  return devices_.contains(device_id);
}

}  // namespace flotilla::controller
