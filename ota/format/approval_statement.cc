#include "ota/format/approval_statement.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include <boost/json/object.hpp>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/digest.h"
#include "security/sha256.h"
#include "security/tuf/json.h"

namespace flotilla::ota {
namespace {

constexpr char kDomain[] = "flotilla-approval-v1";

const security::PublicKey* FindApprover(const Bytes& key_id,
                                        const std::vector<security::PublicKey>& approvers) {
  const auto found = std::find_if(approvers.begin(), approvers.end(),
                                  [&](const auto& key) { return ApproverKeyId(key) == key_id; });
  return found == approvers.end() ? nullptr : &*found;
}

}  // namespace

StatusOr<Bytes> EncodeApprovalStatement(const std::string& rollout_id,
                                        const v1::ReleaseRef& release) {
  if (rollout_id.empty()) {
    return InvalidArgument("an approval names a rollout");
  }
  if (release.sha256().size() != Digest::kSize) {
    return InvalidArgument("an approval names a release by its SHA-256");
  }
  if (release.release_counter() >
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return InvalidArgument("the release counter is beyond 63 bits");
  }
  boost::json::object statement;
  statement["domain"] = kDomain;
  statement["rollout"] = rollout_id;
  statement["line"] = release.line();
  statement["target"] = release.target_path();
  statement["sha256"] = HexEncode(AsBytes(release.sha256()));
  statement["release_counter"] = static_cast<std::int64_t>(release.release_counter());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string text,
                            tuf::EncodeCanonical(boost::json::value(std::move(statement))));
  return ToBytes(text);
}

Bytes ApproverKeyId(const security::PublicKey& key) {
  const Digest digest = security::Sha256(key.spki_der());
  return {digest.bytes().begin(), digest.bytes().end()};
}

Status CheckApprovals(const std::string& rollout_id, const v1::ReleaseRef& release,
                      const std::vector<ApprovalSignature>& signatures,
                      const std::vector<security::PublicKey>& approvers, std::size_t threshold) {
  const std::size_t wanted = std::max<std::size_t>(threshold, 1);
  const auto refused = [wanted](const std::string& why) {
    return WithReason(PermissionDenied("this device wants the signatures of " +
                                       std::to_string(wanted) + " operators on a rollout: " + why),
                      v1::FAILURE_REASON_TRUST_OPERATOR_SIGNATURE);
  };
  const auto statement = EncodeApprovalStatement(rollout_id, release);
  if (!statement.ok()) {
    return refused(MessageOf(statement.status()));
  }
  std::set<Bytes> signers;
  for (std::size_t i = 0; i < signatures.size() && i < kMaxApprovals; ++i) {
    const security::PublicKey* key = FindApprover(signatures[i].key_id, approvers);
    if (key != nullptr && signatures[i].signature.size() <= kMaxApprovalSignatureBytes &&
        key->Verify(*statement, signatures[i].signature).ok()) {
      signers.insert(signatures[i].key_id);
    }
  }
  return signers.size() >= wanted ? OkStatus()
                                  : refused(std::to_string(signers.size()) + " were found");
}

}  // namespace flotilla::ota
