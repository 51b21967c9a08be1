#ifndef FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_H_

#include <functional>
#include <set>
#include <string>

#include "flotilla/v1/enrolment.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/time.h"
#include "base/token_bucket.h"
#include "controller/enrolment/approval_desk.h"
#include "controller/enrolment/enrolment_ledger.h"
#include "controller/enrolment/token_desk.h"
#include "security/x509/authority.h"
#include "security/x509/peer.h"

namespace flotilla::controller {

// Who enrols without a token.
struct EnrolmentRules {
  // A device may ask, and waits for a person.
  bool ask = false;
  // Manufacturers' CAs, PEM; empty: none. Those of their devices are approved by themselves whose
  // serial number is in the set, or all.
  std::string factory_cas_pem;
  std::set<std::string> approved_serials;
  bool approve_factory = false;
};

struct EnrolmentOptions {
  Duration device_life = security::kDeviceLife;
  // A certificate renews itself for so long after its end.
  Duration renew_after_expiry = absl::Hours(24 * 400);
  EnrolmentRules rules;
  // Every CA that is trusted now, PEM; empty: the one that issues alone.
  std::string ca_bundle_pem;
  // Certificates issued a second, enrolments and renewals each; so many at once at most.
  double rate_per_second = 10;
  double burst = 100;
};

// Gives devices their certificates. Fleet loop only (a call signs and verifies a few times, about a
// millisecond); callbacks run there once the change is durable: a certificate leaves the
// controller after its token use, its device and its serial are on disk, all in one transaction.
class Enrolment {
 public:
  // All references outlive this; `approvals` may be null when nobody may ask.
  Enrolment(const EnrolmentOptions& options, const security::CertificateAuthority& authority,
            const TokenDesk& tokens, EnrolmentLedger& ledger, const Clock& clock,
            ApprovalDesk* approvals = nullptr);

  // Takes one use of the token, unless the device enrolled with this token and key before: then it
  // is the same use, whose answer was lost. The id of a device that is there is given again, its
  // old certificates revoked, only to the machine with the same fingerprint.
  // Without a token: by a factory certificate that the rules approve, or by a person; the answer
  // has a request_id and no certificate while that person is waited for. `source` is the asker's
  // address.
  // Errors: those of TokenDesk::Admit; UNAUTHENTICATED with CONTROL_TOKEN_USED_UP;
  // INVALID_ARGUMENT (with CONTROL_CSR_INVALID for the CSR); PERMISSION_DENIED with
  // CONTROL_CERTIFICATE_REVOKED or CONTROL_ENROLMENT_DENIED; ALREADY_EXISTS with
  // CONTROL_CLONED_IDENTITY; RESOURCE_EXHAUSTED: too many now, the text says when. Nothing changed
  // then.
  void Enroll(const v1::EnrollRequest& request,
              const std::function<void(StatusOr<v1::EnrollResponse>)>& done,
              const std::string& source = "");

  // By the key of the device's newest certificate, whether or not that has ended. The certificates
  // that it holds stay good until a session is opened with the new one (SessionDesk). The CSR may
  // bring a new key; then the old one renews nothing but that same CSR's key (the answer was lost).
  // Errors: UNAUTHENTICATED: certificate or proof (CONTROL_CERTIFICATE_REVOKED for a revoked device
  // or an older key, CONTROL_CERTIFICATE_EXPIRED: dark for longer than renew_after_expiry);
  // PERMISSION_DENIED with CONTROL_DECOMMISSIONED: the device is to wipe its keys; ALREADY_EXISTS
  // with CONTROL_CLONED_IDENTITY; INVALID_ARGUMENT with CONTROL_CSR_INVALID; RESOURCE_EXHAUSTED.
  void Renew(const v1::RenewRequest& request,
             const std::function<void(StatusOr<v1::RenewResponse>)>& done);

 private:
  struct Admission;
  StatusOr<Admission> AdmitEnroll(const v1::EnrollRequest& request, const std::string& source);
  Status AdmitByToken(const v1::EnrollRequest& request, Admission& admission);
  // Fills in a request_id when a person has to decide first.
  Status AdmitByRules(const v1::EnrollRequest& request, const std::string& source,
                      Admission& admission);
  // Whether the rules alone approve; what the certificate proves goes into `admission`.
  StatusOr<bool> CheckFactory(const v1::EnrollRequest& request, Admission& admission) const;
  std::string Bundle() const;
  StatusOr<security::PeerIdentity> AdmitRenew(const v1::RenewRequest& request);
  Status TakeFrom(TokenBucket& bucket);
  // The enrolment as one transaction.
  FleetChange Change(const v1::EnrollRequest& request, Admission admission,
                     const security::IssuedCertificate& issued, Time now) const;
  // A machine that enrols by itself is no clone of another any more.
  void ForgiveClones(const std::string& fingerprint, FleetChange& change) const;

  const EnrolmentOptions options_;
  const security::CertificateAuthority& authority_;
  const TokenDesk& tokens_;
  EnrolmentLedger& ledger_;
  const Clock& clock_;
  ApprovalDesk* const approvals_;
  TokenBucket enrolments_;
  TokenBucket renewals_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_H_
