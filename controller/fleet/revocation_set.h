#ifndef FLOTILLA_CONTROLLER_FLEET_REVOCATION_SET_H_
#define FLOTILLA_CONTROLLER_FLEET_REVOCATION_SET_H_

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/time.h"

namespace flotilla::controller {

enum class DeviceStanding { kUnspecified = 0, kGood, kRevoked };

// Serials (lower-case hex) of certificates that are refused, and devices whose every certificate
// is. Thread-safe: Fleet adds, every listener asks when a call or stream opens (a resumed TLS
// session skips the certificate check).
class RevocationSet {
 public:
  void Add(const std::string& serial_hex);
  // A newer certificate of the device took its place: it opens no session any more, but until then
  // (monotonic) it still fetches, so that a download on an open connection does not break.
  void AddSuperseded(const std::string& serial_hex, Duration fetches_until);
  bool Contains(const std::string& serial_hex) const;
  // Whether downloads are refused to it at `now` (monotonic).
  bool RefusesFetch(const std::string& serial_hex, Duration now) const;
  void SetDevice(const std::string& device_id, DeviceStanding standing);
  bool ContainsDevice(const std::string& device_id) const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> serials_;
  std::map<std::string, Duration> superseded_;
  std::set<std::string> devices_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_REVOCATION_SET_H_
