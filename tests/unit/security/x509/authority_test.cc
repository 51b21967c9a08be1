#include "security/x509/authority.h"

#include <cstddef>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/status.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "security/sha256.h"
#include "security/x509/peer.h"

namespace flotilla::security {
namespace {

const Time kNow = absl::FromUnixSeconds(1'767'225'600);

Bytes Csr() {
  return EcKey::Generate()->MakeCsrDer().value();
}

CertificateAuthority MakeAuthority() {
  return CertificateAuthority::Create("Flotilla test", kNow, kAuthorityLife).value();
}

TEST(CertificateAuthority, LoadsAgainFromItsPems) {
  const CertificateAuthority authority = MakeAuthority();
  const auto again = CertificateAuthority::Load(authority.cert_pem(), authority.KeyPem().value());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Fingerprint(), authority.Fingerprint());
  EXPECT_EQ(again->not_after(), kNow + kAuthorityLife);
}

TEST(CertificateAuthority, HasTheDigestOfItsDerAsFingerprint) {
  const CertificateAuthority authority = MakeAuthority();
  EXPECT_EQ(authority.Fingerprint(), Sha256(CertificatePemToDer(authority.cert_pem()).value()));
}

TEST(CertificateAuthority, DoesNotLoadWithAnothersKey) {
  const auto status =
      CertificateAuthority::Load(MakeAuthority().cert_pem(), MakeAuthority().KeyPem().value());
  EXPECT_EQ(status.status().code(), StatusCode::kInvalidArgument);
}

TEST(CertificateAuthority, DoesNotLoadFromALeaf) {
  const CertificateAuthority authority = MakeAuthority();
  const EcKey key = EcKey::Generate().value();
  const auto leaf = authority.IssueOperator(key.MakeCsrDer().value(), "alice", OperatorRole::kAdmin,
                                            kNow, kOperatorLife);
  ASSERT_TRUE(leaf.ok());
  EXPECT_EQ(CertificateAuthority::Load(leaf->chain_pem, key.ToPem().value()).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(CertificateAuthority, GivesEveryLeafAnotherSerialOf128Bits) {
  const CertificateAuthority authority = MakeAuthority();
  const Bytes csr = Csr();
  std::set<std::string> serials;
  std::size_t high = 0;
  for (int i = 0; i < 64; ++i) {
    const auto leaf =
        authority.IssueDevice(csr, DeviceId::Parse("pump-01").value(), kNow, kDeviceLife);
    ASSERT_TRUE(leaf.ok()) << leaf.status();
    EXPECT_EQ(leaf->serial_hex.size(), 32U);
    high += leaf->serial_hex.front() >= '8' ? 1U : 0U;
    serials.insert(leaf->serial_hex);
  }
  EXPECT_EQ(serials.size(), 64U);
  // All 128 bits are used: the highest is set about every other time.
  EXPECT_GT(high, 8U);
  EXPECT_LT(high, 56U);
}

TEST(CertificateAuthority, DatesLeavesByTheGivenNow) {
  const auto leaf =
      MakeAuthority().IssueDevice(Csr(), DeviceId::Parse("pump-01").value(), kNow, kDeviceLife);
  ASSERT_TRUE(leaf.ok());
  EXPECT_EQ(leaf->not_before, kNow - kCertificateBackdate);
  EXPECT_EQ(leaf->not_after, kNow + kDeviceLife);
}

TEST(CertificateAuthority, LetsNoLeafOutliveIt) {
  const CertificateAuthority authority = MakeAuthority();
  const Time late = authority.not_after() - absl::Hours(24);
  const auto leaf =
      authority.IssueDevice(Csr(), DeviceId::Parse("pump-01").value(), late, kDeviceLife);
  ASSERT_TRUE(leaf.ok());
  EXPECT_EQ(leaf->not_after, authority.not_after());
  const auto dead = authority.IssueDevice(Csr(), DeviceId::Parse("pump-01").value(),
                                          authority.not_after(), kDeviceLife);
  EXPECT_EQ(dead.status().code(), StatusCode::kFailedPrecondition);
}

TEST(CertificateAuthority, RefusesNamesThatAreNone) {
  const CertificateAuthority authority = MakeAuthority();
  EXPECT_EQ(authority.IssueOperator(Csr(), "a,b", OperatorRole::kAdmin, kNow, kOperatorLife)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(authority.IssueDevice(Csr(), DeviceId(), kNow, kDeviceLife).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(authority.IssueServer(Csr(), {}, kNow, kServerLife).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(authority.IssueServer(Csr(), {"*.example.org"}, kNow, kServerLife).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(authority.IssueServer(Csr(), {"a b"}, kNow, kServerLife).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::security
