#ifndef FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_H_

#include <functional>

#include "flotilla/v1/enrolment.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/time.h"
#include "base/token_bucket.h"
#include "controller/enrolment/enrolment_ledger.h"
#include "controller/enrolment/token_desk.h"
#include "security/x509/authority.h"
#include "security/x509/peer.h"

namespace flotilla::controller {

struct EnrolmentOptions {
  Duration device_life = security::kDeviceLife;
  // Certificates issued a second, enrolments and renewals each; so many at once at most.
  double rate_per_second = 10;
  double burst = 100;
};

// Gives devices their certificates. Fleet loop only (a call signs and verifies a few times, about a
// millisecond); callbacks run there once the change is durable: a certificate leaves the
// controller after its token use, its device and its serial are on disk, all in one transaction.
class Enrolment {
 public:
  // All references outlive this.
  Enrolment(const EnrolmentOptions& options, const security::CertificateAuthority& authority,
            const TokenDesk& tokens, EnrolmentLedger& ledger, const Clock& clock);

  // Takes one use of the token, unless the device enrolled with this token and key before: then it
  // is the same use, whose answer was lost. The id of a device that is there is given again, its
  // old certificate revoked, only to the machine with the same fingerprint.
  // Errors: those of TokenDesk::Admit; UNAUTHENTICATED with CONTROL_TOKEN_USED_UP;
  // INVALID_ARGUMENT (with CONTROL_CSR_INVALID for the CSR); PERMISSION_DENIED with
  // CONTROL_CERTIFICATE_REVOKED; ALREADY_EXISTS with CONTROL_CLONED_IDENTITY; RESOURCE_EXHAUSTED:
  // too many now, the text says when. Nothing changed then.
  void Enroll(const v1::EnrollRequest& request,
              const std::function<void(StatusOr<v1::EnrollResponse>)>& done);

  // By the key of the device's newest certificate, whether or not that has ended. The CSR may bring
  // a new key; then the old one renews nothing but that same CSR's key (the answer was lost).
  // Errors: UNAUTHENTICATED: certificate or proof (CONTROL_CERTIFICATE_REVOKED for a revoked device
  // or an older key); INVALID_ARGUMENT with CONTROL_CSR_INVALID; RESOURCE_EXHAUSTED.
  void Renew(const v1::RenewRequest& request,
             const std::function<void(StatusOr<v1::RenewResponse>)>& done);

 private:
  struct Admission;
  StatusOr<Admission> AdmitEnroll(const v1::EnrollRequest& request);
  StatusOr<security::PeerIdentity> AdmitRenew(const v1::RenewRequest& request);
  Status TakeFrom(TokenBucket& bucket);
  // The enrolment as one transaction.
  static FleetChange Change(const v1::EnrollRequest& request, Admission admission,
                            const security::IssuedCertificate& issued, Time now);

  const EnrolmentOptions options_;
  const security::CertificateAuthority& authority_;
  const TokenDesk& tokens_;
  EnrolmentLedger& ledger_;
  const Clock& clock_;
  TokenBucket enrolments_;
  TokenBucket renewals_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_ENROLMENT_H_
