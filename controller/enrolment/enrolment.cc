#include "controller/enrolment/enrolment.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/retry_after.h"
#include "base/strong_id.h"
#include "controller/enrolment/held_certificates.h"
#include "controller/enrolment/labels.h"
#include "controller/fleet/audit_entry.h"
#include "controller/fleet/decommission_label.h"
#include "controller/fleet/proto_time.h"
#include "security/x509/bundle.h"
#include "security/x509/renewal_proof.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxFingerprintBytes = 64;
constexpr std::size_t kMaxFactsBytes = std::size_t{8} * 1024;
constexpr std::size_t kMaxSerialText = 64;

// A device may ask for an id; otherwise its key names it.
StatusOr<DeviceId> DeviceIdOf(const v1::EnrollRequest& request, const Digest& key) {
  return DeviceId::Parse(request.device_id().empty() ? "d-" + key.ToHex().substr(0, 16)
                                                     : request.device_id());
}

Status CheckSizes(const v1::EnrollRequest& request) {
  if (request.machine_fingerprint().size() > kMaxFingerprintBytes ||
      request.serial().size() > kMaxSerialText || request.facts().ByteSizeLong() > kMaxFactsBytes) {
    return InvalidArgument("fingerprint, serial number or facts of the device are too long");
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
  if (device == nullptr || device->record.decommissioned()) {
    return OkStatus();  // what left the fleet comes back as any new device does
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

v1::AuditEntry Entry(const v1::Device& device, const std::string& how) {
  std::string detail = how + ", serial " + device.certificate_serial();
  if (!device.serial().empty()) {
    detail += ", hardware " + device.serial();
  }
  return MakeAuditEntry("device:" + device.id(), "device.enrol", "device/" + device.id(), detail);
}

// The certificates of a key that is given up.
void RevokeAll(const std::vector<HeldCertificate>& held, const v1::Device& device, Time now,
               FleetChange& change) {
  const std::string subject = "device:" + device.id();
  if (!device.certificate_serial().empty()) {
    change.revocations.push_back({device.certificate_serial(), subject, now});
  }
  for (const HeldCertificate& certificate : held) {
    if (certificate.serial_hex != device.certificate_serial()) {
      change.revocations.push_back({certificate.serial_hex, subject, now});
    }
  }
}

}  // namespace

// All that an enrolment was found to be, before anything is issued.
struct Enrolment::Admission {
  std::optional<StoredToken> token;
  bool takes_use = false;
  Labels labels;            // by whoever approved
  std::string how;          // "token 12ab", for the audit log
  std::string serial;       // of the hardware, proved or claimed
  std::string factory;      // subject of the manufacturer's certificate
  std::string waits_as;     // request id, while a person has to decide
  std::string approved_as;  // request id that a person approved
  DeviceId device_id;
  StoredDevice device;  // as it was; without an id when it is new
  Digest key;
};

Enrolment::Enrolment(const EnrolmentOptions& options,
                     const security::CertificateAuthority& authority, const TokenDesk& tokens,
                     EnrolmentLedger& ledger, const Clock& clock, ApprovalDesk* approvals)
    : options_(options),
      authority_(authority),
      tokens_(tokens),
      ledger_(ledger),
      clock_(clock),
      approvals_(approvals),
      enrolments_(options.rate_per_second, options.burst),
      renewals_(options.rate_per_second, options.burst) {}

Status Enrolment::TakeFrom(TokenBucket& bucket) {
  const Duration now = clock_.Monotonic();
  if (bucket.TryTake(now, 1)) {
    return OkStatus();
  }
  const Duration wait = absl::Ceil(bucket.TimeUntil(now, 1), absl::Seconds(1));
  return WithRetryAfter(
      ResourceExhausted("too many certificates are asked for; again in " + DurationText(wait)),
      wait);
}

std::string Enrolment::Bundle() const {
  return options_.ca_bundle_pem.empty() ? authority_.cert_pem() : options_.ca_bundle_pem;
}

Status Enrolment::AdmitByToken(const v1::EnrollRequest& request, Admission& admission) {
  FLOTILLA_ASSIGN_OR_RETURN(admission.token, tokens_.Admit(request.token(), request.serial()));
  const v1::EnrolmentToken& token = admission.token->token;
  admission.labels = token.labels();
  if (!token.site().empty()) {
    admission.labels["site"] = token.site();
  }
  admission.how = "token " + token.id();
  // After the token, so that strangers cannot use up what devices need.
  return TakeFrom(enrolments_);
}

StatusOr<bool> Enrolment::CheckFactory(const v1::EnrollRequest& request,
                                       Admission& admission) const {
  const EnrolmentRules& rules = options_.rules;
  if (request.factory_chain_der().empty() || rules.factory_cas_pem.empty()) {
    return false;
  }
  std::vector<Bytes> chain;
  for (const std::string& der : request.factory_chain_der()) {
    chain.push_back(ToBytes(der));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const security::FactoryDevice factory,
      security::CheckFactoryChain(chain, rules.factory_cas_pem, clock_.Now()));
  FLOTILLA_RETURN_IF_ERROR(security::VerifyEcSignature(
      factory.spki_der, security::FactoryMessage(AsBytes(request.csr_der())),
      AsBytes(request.factory_proof())));
  admission.factory = factory.subject;
  admission.serial = factory.serial_number;
  admission.how = "factory certificate " + factory.subject;
  return rules.approve_factory || rules.approved_serials.contains(factory.serial_number);
}

Status Enrolment::AdmitByRules(const v1::EnrollRequest& request, const std::string& source,
                               Admission& admission) {
  FLOTILLA_ASSIGN_OR_RETURN(const bool approved, CheckFactory(request, admission));
  if (approved) {
    return TakeFrom(enrolments_);
  }
  if (!options_.rules.ask || approvals_ == nullptr) {
    return WithReason(Unauthenticated("a device without a token is not enrolled here"),
                      v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN);
  }
  v1::EnrollRequest asked = request;
  asked.set_serial(admission.serial);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::EnrolmentRequest waiting,
                            approvals_->Ask(asked, admission.key, admission.factory, source));
  if (waiting.decision() == v1::ENROLMENT_DECISION_DENIED) {
    return WithReason(PermissionDenied("an operator denied this device"),
                      v1::FAILURE_REASON_CONTROL_ENROLMENT_DENIED);
  }
  if (waiting.decision() != v1::ENROLMENT_DECISION_APPROVED) {
    admission.waits_as = waiting.id();
    return OkStatus();
  }
  admission.approved_as = waiting.id();
  admission.labels = approvals_->LabelsOf(waiting.id());
  admission.how = "approved by " + waiting.decided_by();
  return TakeFrom(enrolments_);
}

StatusOr<Enrolment::Admission> Enrolment::AdmitEnroll(const v1::EnrollRequest& request,
                                                      const std::string& source) {
  Admission admission;
  admission.serial = request.serial();
  if (!request.token().empty()) {
    FLOTILLA_RETURN_IF_ERROR(AdmitByToken(request, admission));
  }
  FLOTILLA_RETURN_IF_ERROR(CheckSizes(request));
  FLOTILLA_ASSIGN_OR_RETURN(admission.key, security::CheckCsr(AsBytes(request.csr_der())));
  FLOTILLA_ASSIGN_OR_RETURN(admission.device_id, DeviceIdOf(request, admission.key));
  const StoredDevice* const there = ledger_.state().FindStored(admission.device_id.value());
  FLOTILLA_RETURN_IF_ERROR(CheckHolder(request, admission.key, there));
  if (there != nullptr) {
    admission.device = *there;
  }
  if (!admission.token.has_value()) {
    FLOTILLA_RETURN_IF_ERROR(AdmitByRules(request, source, admission));
    return admission;
  }
  const v1::EnrolmentToken& token = admission.token->token;
  admission.takes_use =
      there == nullptr || there->public_key != admission.key || there->token_id != token.id();
  if (admission.takes_use && token.uses() >= token.max_uses()) {
    return WithReason(Unauthenticated("token " + token.id() + " has no use left"),
                      v1::FAILURE_REASON_CONTROL_TOKEN_USED_UP);
  }
  return admission;
}

void Enrolment::ForgiveClones(const std::string& fingerprint, FleetChange& change) const {
  for (const std::string& id : ledger_.state().clones()) {
    StoredDevice other = *ledger_.state().FindStored(id);
    auto* others = other.record.mutable_clone_fingerprints();
    const auto found = std::find(others->begin(), others->end(), fingerprint);
    if (found == others->end()) {
      continue;
    }
    others->erase(found);
    other.record.set_clone_suspected(!others->empty());
    change.devices.push_back(std::move(other));
  }
}

FleetChange Enrolment::Change(const v1::EnrollRequest& request, Admission admission,
                              const security::IssuedCertificate& issued, Time now) const {
  FleetChange change;
  StoredDevice& device = admission.device;
  v1::Device& record = device.record;
  if (record.id().empty()) {
    record.set_id(admission.device_id.value());
    record.set_liveness(v1::LIVENESS_NEVER_SEEN);
  } else if (device.public_key != admission.key) {
    RevokeAll(ledger_.state().CertificatesOf(record.id()), record, now, change);
    record.set_clone_suspected(false);
    record.clear_clone_fingerprints();
  }
  if (record.decommissioned()) {
    record.set_decommissioned(false);
    record.set_decommission_done(false);
    record.set_revoked(false);
    record.mutable_labels()->erase(kDecommissionLabel);
  }
  *record.mutable_facts() = request.facts();
  OverlayLabels(request.facts().labels(), *record.mutable_labels());
  OverlayLabels(admission.labels, *record.mutable_labels());
  record.set_machine_fingerprint(request.machine_fingerprint());
  record.set_serial(admission.serial);
  *record.mutable_enrolled_at() = ToProto(now);
  device.token_id = admission.token.has_value() ? admission.token->token.id() : "";
  HoldCertificate(issued, authority_.Fingerprint(), now, device, change);
  if (admission.takes_use) {
    admission.token->token.set_uses(admission.token->token.uses() + 1);
    change.tokens.push_back(*admission.token);
  }
  change.audit.push_back(Entry(record, admission.how));
  if (!request.machine_fingerprint().empty()) {
    ForgiveClones(request.machine_fingerprint(), change);
  }
  std::erase_if(change.devices,
                [&](const StoredDevice& other) { return other.record.id() == record.id(); });
  change.devices.push_back(std::move(device));
  return change;
}

void Enrolment::Enroll(const v1::EnrollRequest& request,
                       const std::function<void(StatusOr<v1::EnrollResponse>)>& done,
                       const std::string& source) {
  StatusOr<Admission> admission = AdmitEnroll(request, source);
  if (!admission.ok()) {
    return done(admission.status());
  }
  v1::EnrollResponse response;
  if (!admission->waits_as.empty()) {
    response.set_request_id(admission->waits_as);
    *response.mutable_retry_after() = ToProto(approvals_->retry());
    return done(response);
  }
  const Time now = clock_.Now();
  const auto issued = authority_.IssueDevice(AsBytes(request.csr_der()), admission->device_id, now,
                                             options_.device_life);
  if (!issued.ok()) {
    return done(issued.status());
  }
  if (!admission->approved_as.empty()) {
    approvals_->Forget(admission->approved_as);
  }
  response.set_device_id(admission->device_id.value());
  response.set_certificate_chain_pem(issued->chain_pem);
  response.set_ca_bundle_pem(Bundle());
  ledger_.Apply(Change(request, *std::move(admission), *issued, now),
                [done, response](const Status& committed) {
                  committed.ok() ? done(response) : done(committed);
                });
}

}  // namespace flotilla::controller
