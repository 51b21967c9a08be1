// PEM texts of several certificates: the CAs that are trusted while one follows the other, and the
// chains that devices show.
#ifndef FLOTILLA_SECURITY_X509_BUNDLE_H_
#define FLOTILLA_SECURITY_X509_BUNDLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::security {

inline constexpr std::size_t kMaxBundleCertificates = 8;

// Every certificate of a text of at most 64 KiB, in its order. INVALID_ARGUMENT: none, more than
// kMaxBundleCertificates, or a damaged one.
StatusOr<std::vector<Bytes>> CertificatesPemToDer(std::string_view pem);

// SHA-256 of the DER of the first certificate: how CAs are told apart.
StatusOr<Digest> CertificateFingerprint(std::string_view pem);

struct CertificateDates {
  Time not_before;
  Time not_after;
};
// Of the first certificate; nothing is verified.
StatusOr<CertificateDates> DatesOf(std::string_view pem);

// Which of the CAs in `bundle_pem` signed the first certificate of `leaf_pem`, by fingerprint;
// dates are not looked at. UNAUTHENTICATED: none of them.
StatusOr<Digest> IssuerOf(std::string_view leaf_pem, std::string_view bundle_pem);

struct FactoryDevice {
  Bytes spki_der;             // of the leaf, for VerifyEcSignature
  std::string subject;        // RFC 2253, at most 256 bytes
  std::string serial_number;  // subject's serialNumber, else its common name
};
// A manufacturer's chain, leaf first, checked against his CAs at `now`: RFC 5280 path validation,
// keys of any kind but the leaf's, which is P-256 and may sign. A leaf past its end is good:
// devices lie in stores for years, and revocation is the operator's list of serials.
// UNAUTHENTICATED with CONTROL_NOT_ALLOWED.
StatusOr<FactoryDevice> CheckFactoryChain(const std::vector<Bytes>& chain_der,
                                          std::string_view factory_cas_pem, Time now);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_BUNDLE_H_
