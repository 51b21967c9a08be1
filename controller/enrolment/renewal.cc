#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/strong_id.h"
#include "controller/enrolment/enrolment.h"
#include "controller/enrolment/held_certificates.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "security/x509/renewal_proof.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxCertificateBytes = std::size_t{8} * 1024;
// Answers that were lost leave certificates that nobody holds: so many wait at most.
constexpr std::size_t kMaxHeld = 8;

Status CheckStanding(const v1::Device& device) {
  if (device.decommissioned()) {
    return WithReason(PermissionDenied("device " + device.id() + " left the fleet"),
                      v1::FAILURE_REASON_CONTROL_DECOMMISSIONED);
  }
  if (device.clone_suspected()) {
    return WithReason(AlreadyExists("two machines hold this identity: enrol one of them again"),
                      v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY);
  }
  return OkStatus();
}

// The oldest of too many, but not the one that asks.
void RevokeSpare(const std::vector<HeldCertificate>& held, const std::string& in_use, Time now,
                 FleetChange& change) {
  std::size_t count = held.size();
  for (const HeldCertificate& certificate : held) {
    if (count >= kMaxHeld && certificate.serial_hex != in_use) {
      change.revocations.push_back(
          {certificate.serial_hex, "device:" + certificate.device_id, now, true});
      --count;
    }
  }
}

}  // namespace

void HoldCertificate(const security::IssuedCertificate& issued, const Digest& authority, Time now,
                     StoredDevice& device, FleetChange& change) {
  device.public_key = issued.spki;
  device.certificate_issued_at = now;
  device.record.set_certificate_serial(issued.serial_hex);
  *device.record.mutable_certificate_expires_at() = ToProto(issued.not_after);
  change.certificates.push_back(
      {issued.serial_hex, device.record.id(), authority, issued.spki, now, issued.not_after});
}

StatusOr<security::PeerIdentity> Enrolment::AdmitRenew(const v1::RenewRequest& request) {
  if (request.certificate_der().size() > kMaxCertificateBytes) {
    return InvalidArgument("the certificate is too long");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem,
                            security::CertificateDerToPem(AsBytes(request.certificate_der())));
  FLOTILLA_ASSIGN_OR_RETURN(
      security::PeerIdentity peer,
      security::CheckPeer(pem, Bundle(), clock_.Now(), security::EndCheck::kForgiven));
  if (peer.kind != security::PeerKind::kDevice) {
    return Unauthenticated("only devices renew their certificates here");
  }
  const ByteView csr = AsBytes(request.csr_der());
  FLOTILLA_RETURN_IF_ERROR(security::VerifyEcSignature(peer.spki_der, security::RenewalMessage(csr),
                                                       AsBytes(request.proof())));
  FLOTILLA_ASSIGN_OR_RETURN(const Digest wanted, security::CheckCsr(csr));
  const StoredDevice* const device = ledger_.state().FindStored(peer.name);
  const bool known =
      device != nullptr && (device->public_key == peer.spki || device->public_key == wanted);
  if (known) {
    FLOTILLA_RETURN_IF_ERROR(CheckStanding(device->record));
  }
  if (!known || device->record.revoked() || ledger_.state().IsRevoked(peer.serial_hex)) {
    return WithReason(Unauthenticated("the certificate of device " + peer.name + " was revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  if (clock_.Now() > peer.not_after + options_.renew_after_expiry) {
    return WithReason(Unauthenticated("the certificate of device " + peer.name + " ended at " +
                                      UtcText(peer.not_after) + ": enrol it again"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_EXPIRED);
  }
  FLOTILLA_RETURN_IF_ERROR(TakeFrom(renewals_));
  return peer;
}

void Enrolment::Renew(const v1::RenewRequest& request,
                      const std::function<void(StatusOr<v1::RenewResponse>)>& done) {
  const StatusOr<security::PeerIdentity> peer = AdmitRenew(request);
  if (!peer.ok()) {
    return done(peer.status());
  }
  const StatusOr<DeviceId> id = DeviceId::Parse(peer->name);
  if (!id.ok()) {
    return done(id.status());
  }
  const Time now = clock_.Now();
  const auto issued =
      authority_.IssueDevice(AsBytes(request.csr_der()), *id, now, options_.device_life);
  if (!issued.ok()) {
    return done(issued.status());
  }
  StoredDevice device = *ledger_.state().FindStored(peer->name);
  FleetChange change;
  RevokeSpare(ledger_.state().CertificatesOf(peer->name), peer->serial_hex, now, change);
  HoldCertificate(*issued, authority_.Fingerprint(), now, device, change);
  change.audit.push_back(MakeAuditEntry("device:" + peer->name, "device.renew",
                                        "device/" + peer->name, "serial " + issued->serial_hex));
  change.devices.push_back(std::move(device));
  v1::RenewResponse response;
  response.set_certificate_chain_pem(issued->chain_pem);
  response.set_ca_bundle_pem(Bundle());
  ledger_.Apply(std::move(change), [done, response](const Status& committed) {
    committed.ok() ? done(response) : done(committed);
  });
}

}  // namespace flotilla::controller
