#ifndef FLOTILLA_SECURITY_ENROLMENT_TOKEN_H_
#define FLOTILLA_SECURITY_ENROLMENT_TOKEN_H_

#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/status.h"

namespace flotilla::security {

// "flt1.<id>.<secret>.<ca-sha256>": what an operator carries to a new device. The pin lets the
// device know the controller before it sends the secret.
struct TokenText {
  std::string id;      // 1 to 64 of [A-Za-z0-9_-]
  std::string secret;  // 16 to 128 of [A-Za-z0-9_-]
  Digest ca;           // CertificateAuthority::Fingerprint()
};

std::string FormatTokenText(const TokenText& token);
// Strict; surrounding white space is the caller's to cut. INVALID_ARGUMENT otherwise; the text of
// the error never repeats the token.
StatusOr<TokenText> ParseTokenText(std::string_view text);

// What the controller keeps of a secret, and the check against it, whose time does not depend on
// the secret. A plain hash is enough: secrets are random, not chosen.
Digest HashTokenSecret(std::string_view secret);
bool TokenSecretMatches(std::string_view secret, const Digest& hash);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_ENROLMENT_TOKEN_H_
