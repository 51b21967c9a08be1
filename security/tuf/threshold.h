#ifndef FLOTILLA_SECURITY_TUF_THRESHOLD_H_
#define FLOTILLA_SECURITY_TUF_THRESHOLD_H_

#include <string_view>

#include "base/status.h"
#include "security/tuf/key.h"
#include "security/tuf/metadata.h"

namespace flotilla::tuf {

// OK when at least `role_keys.threshold` distinct keys of the role signed the envelope. Keys are
// told apart by their SubjectPublicKeyInfo: one key under two ids counts once. Signatures that are
// bad or by others do no harm. PERMISSION_DENIED with TRUST_THRESHOLD, naming `role` and the count.
Status VerifyThreshold(std::string_view role, const Envelope& envelope, const KeyMap& keys,
                       const RoleKeys& role_keys);

// Whether the same keys, as many of them, sign. Key ids are hashes of keys, so they tell.
bool SameSigners(const RoleKeys& a, const RoleKeys& b);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_THRESHOLD_H_
