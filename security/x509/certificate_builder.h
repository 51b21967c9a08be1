// Makes certificates, signed; decides nothing about who gets one. For .cc files.
#ifndef FLOTILLA_SECURITY_X509_CERTIFICATE_BUILDER_H_
#define FLOTILLA_SECURITY_X509_CERTIFICATE_BUILDER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {

enum class LeafUse { kUnspecified = 0, kClient, kServer };
enum class LeafNameKind { kUnspecified = 0, kUri, kDns, kAddress };

struct LeafName {
  LeafNameKind kind = LeafNameKind::kUnspecified;
  std::string text;
};

struct LeafPlan {
  LeafUse use = LeafUse::kUnspecified;
  std::string subject;  // common name, at most 64 bytes; identity is in `names`
  std::vector<LeafName> names;
  Time not_before;
  Time not_after;
};

// An IP address, or a DNS name of [A-Za-z0-9.-], at most 253 bytes. INVALID_ARGUMENT otherwise.
StatusOr<LeafName> HostName(std::string_view host);

// ECDSA-SHA256 by the issuer's P-256 key, DER, wherever that key lies.
using SignCertificate = std::function<StatusOr<Bytes>(ByteView to_be_signed)>;

// A version 3 certificate with a random serial of 128 bits. INTERNAL when OpenSSL fails; errors of
// `sign`.
StatusOr<X509Ptr> BuildLeaf(const LeafPlan& plan, EVP_PKEY* subject_key, X509* issuer,
                            const SignCertificate& sign);
// Self-signed, may issue leaves only. INVALID_ARGUMENT: `name` empty or over 64 bytes.
StatusOr<X509Ptr> BuildAuthority(std::string_view name, Time not_before, Time not_after,
                                 EVP_PKEY* key, const SignCertificate& sign);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_CERTIFICATE_BUILDER_H_
