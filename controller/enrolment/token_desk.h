#ifndef FLOTILLA_CONTROLLER_ENROLMENT_TOKEN_DESK_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_TOKEN_DESK_H_

#include <functional>
#include <string>

#include "flotilla/v1/enrolment.pb.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/status.h"
#include "controller/enrolment/enrolment_ledger.h"

namespace flotilla::controller {

// Makes, lists, revokes and judges enrolment tokens. Fleet loop only; callbacks run there once the
// change is durable. `actor` is "operator:alice".
class TokenDesk {
 public:
  // `authority` is the fingerprint that goes into every token. All references outlive this.
  TokenDesk(const Digest& authority, EnrolmentLedger& ledger, const Clock& clock, Random& random);

  // The secret is in this answer and nowhere else. INVALID_ARGUMENT: uses, life or labels out of
  // bounds (enrolment.proto).
  void Create(const v1::CreateTokenRequest& request, const std::string& actor,
              const std::function<void(StatusOr<v1::CreateTokenResponse>)>& done);
  // Newest first.
  v1::ListTokensResponse List() const;
  // OK twice. NOT_FOUND.
  void Revoke(const std::string& id, const std::string& actor,
              const std::function<void(StatusOr<v1::RevokeTokenResponse>)>& done);

  // The token that `text` is, when it may be used now; its uses are the caller's to judge. Errors,
  // all UNAUTHENTICATED: CONTROL_TOKEN_UNKNOWN (no such token, wrong secret, another authority,
  // revoked: one text for all), CONTROL_TOKEN_EXPIRED.
  StatusOr<StoredToken> Admit(const std::string& text) const;

 private:
  std::string NewId();
  StatusOr<v1::EnrolmentToken> NewToken(const v1::CreateTokenRequest& request,
                                        const std::string& actor);

  Digest authority_;
  EnrolmentLedger& ledger_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_TOKEN_DESK_H_
