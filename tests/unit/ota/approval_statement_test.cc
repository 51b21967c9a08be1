#include "ota/format/approval_statement.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "security/key_file.h"

namespace flotilla::ota {
namespace {

constexpr char kRollout[] = "pump-2.0.0";

v1::ReleaseRef Release() {
  v1::ReleaseRef release;
  release.set_line("pump");
  release.set_version("2.0.0");
  release.set_target_path("models-pump/2.0.0.release.json");
  release.set_sha256(std::string(32, '\x11'));
  release.set_release_counter(41);
  return release;
}

class Approval : public testing::Test {
 protected:
  ApprovalSignature SignedBy(security::KeyPair& key, const v1::ReleaseRef& release,
                             const std::string& rollout = kRollout) {
    return {ApproverKeyId(key.public_key()),
            key.Sign(EncodeApprovalStatement(rollout, release).value()).value()};
  }
  Status Check(const std::vector<ApprovalSignature>& signatures, std::size_t threshold = 1) {
    return CheckApprovals(kRollout, Release(), signatures,
                          {anna_->public_key(), bert_->public_key()}, threshold);
  }

  std::unique_ptr<security::KeyPair> anna_ =
      security::KeyPair::Generate(security::KeyKind::kEd25519).value();
  std::unique_ptr<security::KeyPair> bert_ =
      security::KeyPair::Generate(security::KeyKind::kEcdsaP256).value();
  std::unique_ptr<security::KeyPair> stranger_ =
      security::KeyPair::Generate(security::KeyKind::kEd25519).value();
};

TEST_F(Approval, IsOneLineOfCanonicalJson) {
  EXPECT_EQ(ToText(EncodeApprovalStatement(kRollout, Release()).value()),
            R"({"domain":"flotilla-approval-v1","line":"pump","release_counter":41,)"
            R"("rollout":"pump-2.0.0",)"
            R"("sha256":"1111111111111111111111111111111111111111111111111111111111111111",)"
            R"("target":"models-pump/2.0.0.release.json"})");
}

TEST_F(Approval, NamesARolloutAndADigest) {
  EXPECT_FALSE(EncodeApprovalStatement("", Release()).ok());
  v1::ReleaseRef release = Release();
  release.set_sha256("short");
  EXPECT_FALSE(EncodeApprovalStatement(kRollout, release).ok());
  release = Release();
  release.set_release_counter(~std::uint64_t{0});
  EXPECT_FALSE(EncodeApprovalStatement(kRollout, release).ok());
}

TEST_F(Approval, TakesAnyKindOfKey) {
  EXPECT_TRUE(Check({SignedBy(*anna_, Release())}).ok());
  EXPECT_TRUE(Check({SignedBy(*bert_, Release())}).ok());
  EXPECT_TRUE(Check({SignedBy(*anna_, Release()), SignedBy(*bert_, Release())}, 2).ok());
}

TEST_F(Approval, CountsEachKeyOnce) {
  const Status status = Check({SignedBy(*bert_, Release()), SignedBy(*bert_, Release())}, 2);
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_TRUST_OPERATOR_SIGNATURE);
}

TEST_F(Approval, CountsNoStrangerAndNoSignatureOverAnythingElse) {
  v1::ReleaseRef other = Release();
  other.set_sha256(std::string(32, '\x22'));
  const std::vector<std::vector<ApprovalSignature>> none_counts = {
      {},
      {SignedBy(*stranger_, Release())},
      {SignedBy(*anna_, other)},
      {SignedBy(*anna_, Release(), "pump-1.0.0")},
      {{ApproverKeyId(anna_->public_key()), SignedBy(*stranger_, Release()).signature}},
  };
  for (const auto& signatures : none_counts) {
    const Status status = Check(signatures, 0);
    EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
    EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_TRUST_OPERATOR_SIGNATURE);
  }
}

TEST_F(Approval, LooksAtFourSignaturesAtMost) {
  std::vector<ApprovalSignature> signatures(4, SignedBy(*stranger_, Release()));
  signatures.push_back(SignedBy(*anna_, Release()));
  EXPECT_FALSE(Check(signatures).ok());
  signatures.erase(signatures.begin());
  EXPECT_TRUE(Check(signatures).ok());
}

}  // namespace
}  // namespace flotilla::ota
