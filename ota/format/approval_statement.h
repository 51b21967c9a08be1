// What a second operator signs: that this release may go out by this rollout. Devices whose owner
// asks for it check the signature before they fetch a byte, so that a stolen controller cannot roll
// out even a good release by itself.
//
// The signed bytes are OLPC canonical JSON, one line of text that a person can read:
//
//   {"domain":"flotilla-approval-v1","line":"pump-assistant","release_counter":41,
//    "rollout":"pump-2.0.0","sha256":"<64
//    digits>","target":"models-pump-assistant/2.0.0.release.json"}
//
// (without the line break). The key is named by the SHA-256 of its SubjectPublicKeyInfo.
#ifndef FLOTILLA_OTA_FORMAT_APPROVAL_STATEMENT_H_
#define FLOTILLA_OTA_FORMAT_APPROVAL_STATEMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/bytes.h"
#include "base/status.h"
#include "security/public_key.h"

namespace flotilla::ota {

// Assignment and Rollout carry at most so many approvals, each signature at most so long.
inline constexpr std::size_t kMaxApprovals = 4;
inline constexpr std::size_t kMaxApprovalSignatureBytes = 512;

// The bytes to sign. INVALID_ARGUMENT: an empty rollout id, a digest that is not 32 bytes, or a
// counter beyond 63 bits.
StatusOr<Bytes> EncodeApprovalStatement(const std::string& rollout_id,
                                        const v1::ReleaseRef& release);

// SHA-256 of the key's SubjectPublicKeyInfo, 32 bytes: Approval.key_id.
Bytes ApproverKeyId(const security::PublicKey& key);

struct ApprovalSignature {
  Bytes key_id;  // ApproverKeyId
  Bytes signature;
};

// OK when at least `threshold` different keys of `approvers` have signed the statement. Signatures
// of other keys and wrong ones are ignored. `threshold` 0 counts as 1. PERMISSION_DENIED with
// TRUST_OPERATOR_SIGNATURE.
Status CheckApprovals(const std::string& rollout_id, const v1::ReleaseRef& release,
                      const std::vector<ApprovalSignature>& signatures,
                      const std::vector<security::PublicKey>& approvers, std::size_t threshold);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_FORMAT_APPROVAL_STATEMENT_H_
