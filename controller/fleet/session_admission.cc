#include "controller/fleet/session_admission.h"

#include "flotilla/v1/failure_reason.pb.h"

#include "controller/fleet/hello_check.h"
#include "controller/session/session_end.h"

namespace flotilla::controller {

Status SessionAdmission::Admit(const SessionPeer& peer, const v1::Hello& hello) const {
  if (!taking_) {
    return GoesDown();
  }
  if (hello.device_id() != peer.device_id) {
    return WithReason(PermissionDenied("the certificate names another device"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  const StoredDevice* device = state_.FindStored(peer.device_id);
  if (device == nullptr && IssuedInLostTime(peer)) {
    return BeyondLimits(CheckHello(hello));
  }
  if (device == nullptr) {
    return WithReason(PermissionDenied("the device is not enrolled here"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  if (device->record.revoked() || state_.IsRevoked(peer.serial_hex)) {
    return WithReason(Unauthenticated("the certificate is revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  if (!IssuedHere(peer) && !IssuedInLostTime(peer)) {
    return WithReason(Unauthenticated("the certificate is not one that was issued here"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  return BeyondLimits(CheckHello(hello));
}

// Who stole the CA's key can make certificates, but none for a key that this device has.
bool SessionAdmission::IssuedHere(const SessionPeer& peer) const {
  const StoredDevice* device = state_.FindStored(peer.device_id);
  return device != nullptr &&
         (device->public_key == Digest() || device->public_key == peer.public_key ||
          state_.FindCertificate(peer.serial_hex) != nullptr);
}

bool SessionAdmission::IssuedInLostTime(const SessionPeer& peer) const {
  if (!restored_.has_value() || state_.IsRevoked(peer.serial_hex)) {
    return false;
  }
  const StoredDevice* device = state_.FindStored(peer.device_id);
  const bool heard = device != nullptr && device->session_epoch != restored_->session_epoch;
  return !heard && MayReadmit(*restored_, peer.not_before, clock_.Now());
}

}  // namespace flotilla::controller
