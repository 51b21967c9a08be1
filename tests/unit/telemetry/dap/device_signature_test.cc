#include "telemetry/dap/device_signature.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "security/key_file.h"
#include "tests/unit/telemetry/dap/refusal.h"

namespace flotilla::dap {
namespace {

class DeviceSignatureTest : public ::testing::Test {
 protected:
  std::unique_ptr<security::KeyPair> device_ = *security::GenerateEd25519();
  std::unique_ptr<security::KeyPair> other_ = *security::GenerateEd25519();
  Bytes aad_ = {1, 2, 3};
  Bytes payload_ = Bytes(64, 9);
  DeviceSignature signed_ = *SignReport(*device_, aad_, payload_);
};

TEST_F(DeviceSignatureTest, FitsItsReportAlone) {
  EXPECT_TRUE(VerifyReport(device_->public_key(), signed_, aad_, payload_).ok());
  EXPECT_EQ(VerifyReport(device_->public_key(), signed_, Bytes{1, 2, 4}, payload_).code(),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(VerifyReport(device_->public_key(), signed_, aad_, Bytes(64, 8)).code(),
            StatusCode::kPermissionDenied);
}

TEST_F(DeviceSignatureTest, OfAnotherDeviceIsRefused) {
  EXPECT_EQ(VerifyReport(other_->public_key(), signed_, aad_, payload_).code(),
            StatusCode::kPermissionDenied);
  DeviceSignature borrowed = *SignReport(*other_, aad_, payload_);
  borrowed.key = signed_.key;
  EXPECT_EQ(VerifyReport(device_->public_key(), borrowed, aad_, payload_).code(),
            StatusCode::kPermissionDenied);
}

TEST_F(DeviceSignatureTest, IsNotASignatureOverTheSameBytesForAnotherUse) {
  // Without the tag, the message is what a device may sign elsewhere.
  DeviceSignature untagged = signed_;
  const Bytes signature = *device_->Sign(aad_);
  std::copy(signature.begin(), signature.end(), untagged.signature.begin());
  EXPECT_FALSE(VerifyReport(device_->public_key(), untagged, aad_, payload_).ok());
}

TEST_F(DeviceSignatureTest, HasOneSizeAndIsDecodedWholeOrNotAtAll) {
  EXPECT_EQ(signed_.Encode().size(), kDeviceSignatureBytes);
  EXPECT_EQ(kDeviceSignatureBytes, 100U);
  ExpectOnlyTheWhole(signed_.Encode(), DeviceSignature::Decode);
  Bytes other_type = signed_.Encode();
  other_type[1] ^= 1;
  EXPECT_FALSE(DeviceSignature::Decode(other_type).ok());
}

TEST_F(DeviceSignatureTest, NeedsAKeyWhoseSignaturesHaveOneSize) {
  const auto p256 = *security::KeyPair::Generate(security::KeyKind::kEcdsaP256);
  EXPECT_EQ(SignReport(*p256, aad_, payload_).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(VerifyReport(p256->public_key(), signed_, aad_, payload_).code(),
            StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace flotilla::dap
