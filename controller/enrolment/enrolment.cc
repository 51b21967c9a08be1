#include "controller/enrolment/enrolment.h"

#include <cstddef>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/strong_id.h"
#include "controller/enrolment/labels.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/proto_time.h"
#include "security/x509/renewal_proof.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxFingerprintBytes = 64;
constexpr std::size_t kMaxFactsBytes = std::size_t{8} * 1024;
constexpr std::size_t kMaxCertificateBytes = std::size_t{8} * 1024;

// A device may ask for an id; otherwise its key names it.
StatusOr<DeviceId> DeviceIdOf(const v1::EnrollRequest& request, const Digest& key) {
  return DeviceId::Parse(request.device_id().empty() ? "d-" + key.ToHex().substr(0, 16)
                                                     : request.device_id());
}

Status CheckSizes(const v1::EnrollRequest& request) {
  if (request.machine_fingerprint().size() > kMaxFingerprintBytes ||
      request.facts().ByteSizeLong() > kMaxFactsBytes) {
    return InvalidArgument("fingerprint or facts of the device are too long");
  }
  return CheckLabels(request.facts().labels());
}

bool SameMachine(const v1::EnrollRequest& request, const v1::Device& device) {
  return !request.machine_fingerprint().empty() &&
         request.machine_fingerprint() == device.machine_fingerprint();
}

// Whether this key may hold the id that `device` (null: nobody) has now.
Status CheckHolder(const v1::EnrollRequest& request, const Digest& key,
                   const StoredDevice* device) {
  if (device == nullptr) {
    return OkStatus();
  }
  if (device->record.revoked()) {
    return WithReason(PermissionDenied("device " + device->record.id() + " was revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  if (device->public_key != key && !SameMachine(request, device->record)) {
    return WithReason(AlreadyExists("another machine holds the id " + device->record.id()),
                      v1::FAILURE_REASON_CONTROL_CLONED_IDENTITY);
  }
  return OkStatus();
}

void SetCertificate(const security::IssuedCertificate& issued, StoredDevice& device) {
  device.public_key = issued.spki;
  device.record.set_certificate_serial(issued.serial_hex);
  *device.record.mutable_certificate_expires_at() = ToProto(issued.not_after);
}

v1::AuditEntry Entry(const std::string& action, const v1::Device& device,
                     const std::string& detail) {
  return MakeAuditEntry("device:" + device.id(), action, "device/" + device.id(),
                        detail + "serial " + device.certificate_serial());
}

}  // namespace

// All that an enrolment was found to be, before anything is issued.
struct Enrolment::Admission {
  StoredToken token;
  bool takes_use = true;
  DeviceId device_id;
  StoredDevice device;  // as it was; without an id when it is new
  Digest key;
};

Enrolment::Enrolment(const EnrolmentOptions& options,
                     const security::CertificateAuthority& authority, const TokenDesk& tokens,
                     EnrolmentLedger& ledger, const Clock& clock)
    : options_(options),
      authority_(authority),
      tokens_(tokens),
      ledger_(ledger),
      clock_(clock),
      enrolments_(options.rate_per_second, options.burst),
      renewals_(options.rate_per_second, options.burst) {}

Status Enrolment::TakeFrom(TokenBucket& bucket) {
  const Duration now = clock_.Monotonic();
  if (bucket.TryTake(now, 1)) {
    return OkStatus();
  }
  return ResourceExhausted("too many certificates are asked for; again in " +
                           DurationText(absl::Ceil(bucket.TimeUntil(now, 1), absl::Seconds(1))));
}

StatusOr<Enrolment::Admission> Enrolment::AdmitEnroll(const v1::EnrollRequest& request) {
  Admission admission;
  FLOTILLA_ASSIGN_OR_RETURN(admission.token, tokens_.Admit(request.token()));
  // After the token, so that strangers cannot use up what devices need.
  FLOTILLA_RETURN_IF_ERROR(TakeFrom(enrolments_));
  FLOTILLA_RETURN_IF_ERROR(CheckSizes(request));
  FLOTILLA_ASSIGN_OR_RETURN(admission.key, security::CheckCsr(AsBytes(request.csr_der())));
  FLOTILLA_ASSIGN_OR_RETURN(admission.device_id, DeviceIdOf(request, admission.key));
  const StoredDevice* const there = ledger_.state().FindStored(admission.device_id.value());
  FLOTILLA_RETURN_IF_ERROR(CheckHolder(request, admission.key, there));
  const v1::EnrolmentToken& token = admission.token.token;
  if (there != nullptr) {
    admission.device = *there;
    admission.takes_use = there->public_key != admission.key || there->token_id != token.id();
  }
  if (admission.takes_use && token.uses() >= token.max_uses()) {
    return WithReason(Unauthenticated("token " + token.id() + " has no use left"),
                      v1::FAILURE_REASON_CONTROL_TOKEN_USED_UP);
  }
  return admission;
}

FleetChange Enrolment::Change(const v1::EnrollRequest& request, Admission admission,
                              const security::IssuedCertificate& issued, Time now) {
  FleetChange change;
  StoredDevice& device = admission.device;
  v1::Device& record = device.record;
  v1::EnrolmentToken& token = admission.token.token;
  if (record.id().empty()) {
    record.set_id(admission.device_id.value());
    record.set_liveness(v1::LIVENESS_NEVER_SEEN);
  } else if (device.public_key != admission.key) {
    change.revocations.push_back({record.certificate_serial(), "device:" + record.id(), now});
    record.set_clone_suspected(false);
  }
  *record.mutable_facts() = request.facts();
  OverlayLabels(request.facts().labels(), *record.mutable_labels());
  OverlayLabels(token.labels(), *record.mutable_labels());
  record.set_machine_fingerprint(request.machine_fingerprint());
  *record.mutable_enrolled_at() = ToProto(now);
  device.token_id = token.id();
  SetCertificate(issued, device);
  if (admission.takes_use) {
    token.set_uses(token.uses() + 1);
    change.tokens.push_back(admission.token);
  }
  change.audit.push_back(Entry("device.enrol", record, "token " + token.id() + ", "));
  change.devices.push_back(std::move(device));
  return change;
}

void Enrolment::Enroll(const v1::EnrollRequest& request,
                       const std::function<void(StatusOr<v1::EnrollResponse>)>& done) {
  StatusOr<Admission> admission = AdmitEnroll(request);
  if (!admission.ok()) {
    return done(admission.status());
  }
  const Time now = clock_.Now();
  const auto issued = authority_.IssueDevice(AsBytes(request.csr_der()), admission->device_id, now,
                                             options_.device_life);
  if (!issued.ok()) {
    return done(issued.status());
  }
  v1::EnrollResponse response;
  response.set_device_id(admission->device_id.value());
  response.set_certificate_chain_pem(issued->chain_pem);
  ledger_.Apply(Change(request, *std::move(admission), *issued, now),
                [done, response](const Status& committed) {
                  committed.ok() ? done(response) : done(committed);
                });
}

StatusOr<security::PeerIdentity> Enrolment::AdmitRenew(const v1::RenewRequest& request) {
  if (request.certificate_der().size() > kMaxCertificateBytes) {
    return InvalidArgument("the certificate is too long");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem,
                            security::CertificateDerToPem(AsBytes(request.certificate_der())));
  FLOTILLA_ASSIGN_OR_RETURN(
      security::PeerIdentity peer,
      security::CheckPeer(pem, authority_.cert_pem(), clock_.Now(), security::EndCheck::kForgiven));
  if (peer.kind != security::PeerKind::kDevice) {
    return Unauthenticated("only devices renew their certificates here");
  }
  const ByteView csr = AsBytes(request.csr_der());
  FLOTILLA_RETURN_IF_ERROR(security::VerifyEcSignature(peer.spki_der, security::RenewalMessage(csr),
                                                       AsBytes(request.proof())));
  FLOTILLA_ASSIGN_OR_RETURN(const Digest wanted, security::CheckCsr(csr));
  const StoredDevice* const device = ledger_.state().FindStored(peer.name);
  const bool holds = device != nullptr && !device->record.revoked() &&
                     !ledger_.state().IsRevoked(peer.serial_hex) &&
                     (device->public_key == peer.spki || device->public_key == wanted);
  if (!holds) {
    return WithReason(Unauthenticated("the certificate of device " + peer.name + " was revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
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
  const auto issued =
      authority_.IssueDevice(AsBytes(request.csr_der()), *id, clock_.Now(), options_.device_life);
  if (!issued.ok()) {
    return done(issued.status());
  }
  StoredDevice device = *ledger_.state().FindStored(peer->name);
  SetCertificate(*issued, device);
  FleetChange change;
  change.audit.push_back(Entry("device.renew", device.record, ""));
  change.devices.push_back(std::move(device));
  v1::RenewResponse response;
  response.set_certificate_chain_pem(issued->chain_pem);
  ledger_.Apply(std::move(change), [done, response](const Status& committed) {
    committed.ok() ? done(response) : done(committed);
  });
}

}  // namespace flotilla::controller
