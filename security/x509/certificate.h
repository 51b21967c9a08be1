// What the files of this library share over OpenSSL's X.509 objects. For .cc files.
#ifndef FLOTILLA_SECURITY_X509_CERTIFICATE_H_
#define FLOTILLA_SECURITY_X509_CERTIFICATE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {

inline constexpr std::size_t kMaxPemBytes = std::size_t{64} * 1024;

// Memory that reads `text` in place.
StatusOr<BioPtr> ReadBio(std::string_view text);
// What was written to a memory BIO.
std::string BioText(BIO* bio);

// The first certificate of a PEM text of at most kMaxPemBytes. INVALID_ARGUMENT.
StatusOr<X509Ptr> ReadCertificatePem(std::string_view pem);
// Every certificate of a PEM text; bundle.h has the limits. INVALID_ARGUMENT.
StatusOr<std::vector<X509Ptr>> ReadBundlePem(std::string_view pem);
// One certificate, nothing after it. INVALID_ARGUMENT.
StatusOr<X509Ptr> ReadCertificateDer(ByteView der);

StatusOr<Bytes> CertificateDer(const X509* certificate);
StatusOr<std::string> CertificatePem(const X509* certificate);
StatusOr<Time> TimeOf(const ASN1_TIME* time);
// 32 lower-case digits for the serials that we issue, more for longer ones.
StatusOr<std::string> SerialHexOf(const X509* certificate);

// SubjectPublicKeyInfo of a P-256 key in the one form we take: named curve, uncompressed point.
// INVALID_ARGUMENT for any other key.
StatusOr<Bytes> P256SpkiDer(const EVP_PKEY* key);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_CERTIFICATE_H_
