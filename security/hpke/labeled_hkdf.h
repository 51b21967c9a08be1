// HKDF-SHA256 with the labels of RFC 9180 section 4.
#ifndef FLOTILLA_SECURITY_HPKE_LABELED_HKDF_H_
#define FLOTILLA_SECURITY_HPKE_LABELED_HKDF_H_

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "security/secret_bytes.h"

namespace flotilla::security {

inline constexpr std::size_t kHkdfHashBytes = 32;                         // Nh
inline constexpr std::size_t kHkdfMaxOutputBytes = 255 * kHkdfHashBytes;  // RFC 5869 section 2.3

// LabeledExtract and LabeledExpand for one suite_id ("KEM" and kem_id, or "HPKE" and all three
// ids). Pure. Thread-safe.
class LabeledHkdf {
 public:
  explicit LabeledHkdf(Bytes suite_id);

  // HKDF-Extract(salt, "HPKE-v1" || suite_id || label || ikm). An empty salt is one of zeros.
  StatusOr<SecretBytes> Extract(ByteView salt, std::string_view label, ByteView ikm) const;
  // HKDF-Expand(prk, I2OSP(length, 2) || "HPKE-v1" || suite_id || label || info, length).
  // INVALID_ARGUMENT: `length` is over kHkdfMaxOutputBytes.
  StatusOr<SecretBytes> Expand(const SecretBytes& prk, std::string_view label, ByteView info,
                               std::size_t length) const;

 private:
  Bytes suite_id_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HPKE_LABELED_HKDF_H_
