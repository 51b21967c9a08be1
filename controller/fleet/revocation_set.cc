#include "controller/fleet/revocation_set.h"

namespace flotilla::controller {

void RevocationSet::Add(const std::string& serial_hex) {
  const std::lock_guard lock(mutex_);
  serials_.insert(serial_hex);
}

bool RevocationSet::Contains(const std::string& serial_hex) const {
  const std::lock_guard lock(mutex_);
  return serials_.contains(serial_hex);
}

}  // namespace flotilla::controller
