#ifndef FLOTILLA_CONTROLLER_ENROLMENT_TOKEN_DESK_H_
#define FLOTILLA_CONTROLLER_ENROLMENT_TOKEN_DESK_H_

#include <functional>
#include <set>
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
  // `authority` is the fingerprint that goes into every token: of the CA that the server's
  // certificate hangs under. Tokens that name another one of `trusted` are good too. All references
  // outlive this.
  TokenDesk(const Digest& authority, EnrolmentLedger& ledger, const Clock& clock, Random& random,
            std::set<Digest> trusted = {});

  // The secret is in this answer and nowhere else. INVALID_ARGUMENT: uses, life or labels out of
  // bounds (enrolment.proto).
  void Create(const v1::CreateTokenRequest& request, const std::string& actor,
              const std::function<void(StatusOr<v1::CreateTokenResponse>)>& done);
  // Newest first.
  v1::ListTokensResponse List() const;
  // OK twice. NOT_FOUND.
  void Revoke(const std::string& id, const std::string& actor,
              const std::function<void(StatusOr<v1::RevokeTokenResponse>)>& done);

  // The token that `text` is, when it may be used now by the hardware of this serial number; its
  // uses are the caller's to judge. Errors, all UNAUTHENTICATED: CONTROL_TOKEN_NOT_FOR_DEVICE,
  // CONTROL_TOKEN_UNKNOWN (no such token, wrong secret, another authority, revoked: one text for
  // all), CONTROL_TOKEN_EXPIRED.
  StatusOr<StoredToken> Admit(const std::string& text, const std::string& serial) const;

 private:
  std::string NewId();
  StatusOr<v1::EnrolmentToken> NewToken(const v1::CreateTokenRequest& request,
                                        const std::string& actor);

  Digest authority_;
  std::set<Digest> trusted_;
  EnrolmentLedger& ledger_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_ENROLMENT_TOKEN_DESK_H_
