#ifndef FLOTILLA_CONTROLLER_FLEET_FLEET_STATE_H_
#define FLOTILLA_CONTROLLER_FLEET_FLEET_STATE_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/release.pb.h"

#include "base/indexed_map.h"
#include "controller/rollout/fleet_view.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// The fleet in memory: devices, releases, tokens, certificates and revocations (rollouts live in
// RolloutBook). Fleet loop only; pointers stay valid until the next Take of the same key.
class FleetState final : public rollout::FleetView {
 public:
  using Devices = IndexedMap<StoredDevice>::Rows;
  using ReleaseKey = std::pair<std::string, std::string>;  // line, version

  void Load(const FleetSnapshot& snapshot);
  // Takes devices, releases, tokens, certificates, revocations and operators of `change`.
  void Take(const FleetChange& change);

  // By id.
  const Devices& devices() const { return devices_.rows(); }
  const std::map<ReleaseKey, v1::Release>& releases() const { return releases_; }
  const std::map<std::string, StoredToken>& tokens() const { return tokens_; }

  void ForEachDevice(const std::function<void(const v1::Device&)>& visit) const override;
  const v1::Device* FindDevice(const std::string& id) const override;
  const v1::Release* FindRelease(const std::string& line,
                                 const std::string& version) const override;
  const std::vector<const v1::Release*>& RevokedReleases() const override { return revoked_; }

  // Null when unknown.
  const StoredDevice* FindStored(const std::string& id) const;
  const StoredToken* FindToken(const std::string& id) const;
  // Certificates of operators by serial.
  const std::map<std::string, v1::Operator>& operators() const { return operators_; }
  const HeldCertificate* FindCertificate(const std::string& serial_hex) const;
  // Oldest first.
  std::vector<HeldCertificate> CertificatesOf(const std::string& device_id) const;
  const std::map<std::string, HeldCertificate>& certificates() const { return certificates_; }
  // Devices whose identity two machines hold.
  const std::set<std::string>& clones() const { return clones_; }
  bool IsRevoked(const std::string& serial_hex) const;

  // In place, for what is written in batches (presence, condition).
  StoredDevice* MutableDevice(const std::string& id);

 private:
  // The certificate of this serial is held no more.
  void Forget(const std::string& serial_hex);
  void FindRevoked();

  IndexedMap<StoredDevice> devices_;
  std::set<std::string> clones_;
  std::map<ReleaseKey, v1::Release> releases_;
  std::vector<const v1::Release*> revoked_;  // of releases_
  std::map<std::string, StoredToken> tokens_;
  std::map<std::string, HeldCertificate> certificates_;
  std::multimap<std::string, std::string> serials_of_;  // device id to serials
  std::map<std::string, Revocation> revocations_;
  std::map<std::string, v1::Operator> operators_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_FLEET_STATE_H_
