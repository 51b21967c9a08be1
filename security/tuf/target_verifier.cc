#include "security/tuf/target_verifier.h"

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::tuf {

TargetVerifier::TargetVerifier(const TargetInfo& target)
    : path_(target.path), length_(target.length), sha512_(target.sha512) {
  if (!target.sha256.IsZero()) {
    sha256_ = target.sha256;
  }
}

Status TargetVerifier::Update(ByteView bytes) {
  if (bytes.size() > length_ - seen_) {
    return WithReason(DataLoss(path_ + ": more than " + std::to_string(length_) + " bytes"),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  seen_ += bytes.size();
  if (sha256_) {
    hasher256_.Update(bytes);
  }
  if (sha512_) {
    hasher512_.Update(bytes);
  }
  return OkStatus();
}

Status TargetVerifier::Finish() {
  if (seen_ != length_) {
    return WithReason(DataLoss(path_ + ": " + std::to_string(seen_) + " bytes, expected " +
                               std::to_string(length_)),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  const bool known = sha256_.has_value() || sha512_.has_value();
  const bool agree = (!sha256_ || hasher256_.Finish() == *sha256_) &&
                     (!sha512_ || hasher512_.Finish() == *sha512_);
  if (!known || !agree) {
    return WithReason(DataLoss(path_ + ": the hash differs"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  return OkStatus();
}

}  // namespace flotilla::tuf
