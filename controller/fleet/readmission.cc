#include "controller/fleet/readmission.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"

namespace flotilla::controller {

FleetChange Readmission(const RestoredFleet& restored, const SessionPeer& peer,
                        const v1::Hello& hello, const Digest& issuing, const StoredDevice* known) {
  FleetChange change;
  StoredDevice device;
  if (known != nullptr) {
    device = *known;
  } else {
    device.record.set_id(peer.device_id);
    device.record.set_liveness(v1::LIVENESS_NEVER_SEEN);
    device.record.set_serial(hello.serial());
    *device.record.mutable_labels() = hello.facts().labels();
    *device.record.mutable_enrolled_at() = ToProto(peer.not_before);
    device.session_epoch = restored.session_epoch;
  }
  device.record.set_machine_fingerprint(hello.machine_fingerprint());
  device.record.set_certificate_serial(peer.serial_hex);
  *device.record.mutable_certificate_expires_at() = ToProto(peer.not_after);
  device.public_key = peer.public_key;
  device.certificate_issued_at = peer.not_before;
  change.certificates.push_back(
      {peer.serial_hex, peer.device_id, issuing, peer.public_key, peer.not_before, peer.not_after});
  change.audit.push_back(MakeAuditEntry(
      kControllerActor, known == nullptr ? "device.readmitted" : "certificate.readmitted",
      absl::StrCat("device/", peer.device_id),
      absl::StrCat("its certificate ", peer.serial_hex, " is of the time that the restore of ",
                   restored.backup_id, " lost")));
  change.devices.push_back(std::move(device));
  return change;
}

}  // namespace flotilla::controller
