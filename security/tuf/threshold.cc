#include "security/tuf/threshold.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::tuf {
namespace {

// The key of the role that `signature` names; null when it is not one of them or of no known kind.
const security::PublicKey* SigningKey(const Signature& signature, const KeyMap& keys,
                                      const RoleKeys& role_keys) {
  const auto& ids = role_keys.key_ids;
  if (std::find(ids.begin(), ids.end(), signature.key_id) == ids.end()) {
    return nullptr;
  }
  const auto found = keys.find(signature.key_id);
  return found == keys.end() || !found->second.usable ? nullptr : &*found->second.usable;
}

}  // namespace

Status VerifyThreshold(std::string_view role, const Envelope& envelope, const KeyMap& keys,
                       const RoleKeys& role_keys) {
  std::set<Bytes> signers;
  for (const Signature& signature : envelope.signatures) {
    const security::PublicKey* key = SigningKey(signature, keys, role_keys);
    if (key != nullptr && !signers.contains(key->spki_der()) &&
        key->Verify(AsBytes(envelope.signed_bytes), signature.value).ok()) {
      signers.insert(key->spki_der());
    }
  }
  const auto count = static_cast<std::int64_t>(signers.size());
  // A threshold below 1 is refused by the parser too; here it must never mean "no signature
  // needed".
  if (role_keys.threshold < 1 || count < role_keys.threshold) {
    return WithReason(
        PermissionDenied(std::string(role) + ": " + std::to_string(count) + " good signatures of " +
                         std::to_string(role_keys.threshold) + " needed"),
        v1::FAILURE_REASON_TRUST_THRESHOLD);
  }
  return OkStatus();
}

bool SameSigners(const RoleKeys& a, const RoleKeys& b) {
  return a.threshold == b.threshold &&
         std::set<std::string>(a.key_ids.begin(), a.key_ids.end()) ==
             std::set<std::string>(b.key_ids.begin(), b.key_ids.end());
}

}  // namespace flotilla::tuf
