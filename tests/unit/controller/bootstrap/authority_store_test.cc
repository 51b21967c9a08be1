#include "controller/bootstrap/authority_store.h"

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "controller/bootstrap/bootstrap.h"
#include "controller/bootstrap/controller_identity.h"
#include "security/key_file.h"
#include "security/x509/bundle.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

const Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr Duration kLife = absl::Hours(24 * 365);

class AuthorityStoreTest : public testing::Test {
 protected:
  AuthorityStoreTest() {
    BootstrapOptions options;
    options.state_dir = layout_.state_dir;
    options.host_names = {"fleet.example.org"};
    EXPECT_TRUE(Bootstrap(options, fs_, kNow).ok());
  }
  std::string ServerIssuer() {
    const auto identity = LoadIdentity(layout_, store_);
    return identity.ok() ? identity->server_authority.ToHex() : identity.status().ToString();
  }

  TempDir dir_;
  StateLayout layout_{dir_.path() / "state"};
  OsDurableFs fs_;
  AuthorityStore store_{layout_, "", nullptr, fs_};
};

TEST_F(AuthorityStoreTest, BothAreTrustedUntilTheOldOneIsRetired) {
  const Digest old = store_.Issuing()->Fingerprint();
  const auto next = store_.Rotate(kNow, kLife);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(store_.Issuing()->Fingerprint(), next->fingerprint);
  EXPECT_EQ(security::CertificatesPemToDer(*store_.Bundle())->size(), 2U);
  // Devices know the old one alone: the server's certificate stays under it.
  EXPECT_EQ(ServerIssuer(), old.ToHex());
  EXPECT_EQ(store_.Retire(next->fingerprint, {"h"}, kNow).status().code(),
            StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store_.Retire(old, {"fleet.example.org"}, kNow).ok());
  ASSERT_TRUE(store_.Retire(old, {"fleet.example.org"}, kNow).ok());
  EXPECT_EQ(security::CertificatesPemToDer(*store_.Bundle())->size(), 1U);
  EXPECT_EQ(ServerIssuer(), next->fingerprint.ToHex());
  EXPECT_EQ(store_.List()->back().standing, AuthorityStanding::kRetired);
}

TEST_F(AuthorityStoreTest, ARotationThatACrashCutShortIsFinished) {
  const auto other = security::CertificateAuthority::Create("next", kNow, kLife).value();
  const auto ca = layout_.state_dir / "ca";
  ASSERT_TRUE(DurableWrite(fs_, ca / "next.key", AsBytes(other.KeyPem().value())).ok());
  // Without its certificate it was not decided.
  EXPECT_NE(store_.Issuing()->Fingerprint(), other.Fingerprint());
  ASSERT_TRUE(DurableWrite(fs_, ca / "next.crt", AsBytes(other.cert_pem())).ok());
  EXPECT_EQ(store_.Issuing()->Fingerprint(), other.Fingerprint());
  ASSERT_TRUE(DurableWrite(fs_, ca / "next.crt", AsBytes(other.cert_pem())).ok());
  EXPECT_EQ(store_.Issuing()->Fingerprint(), other.Fingerprint());
}

// The key lies elsewhere: the state folder alone issues nothing.
class RemoteKeyTest : public testing::Test {
 protected:
  RemoteKeyTest() {
    options_.state_dir = layout_.state_dir;
    options_.ca_key = "token";
    options_.open_key = [this](const std::string&) -> StatusOr<std::unique_ptr<security::Signer>> {
      if (pem_.empty()) {
        return Unavailable("no token");
      }
      FLOTILLA_ASSIGN_OR_RETURN(auto key, security::KeyPair::FromPem(pem_, ""));
      return std::unique_ptr<security::Signer>(std::move(key));
    };
    NewKey();
    EXPECT_TRUE(Bootstrap(options_, fs_, kNow).ok());
  }
  void NewKey() { pem_ = security::EcKey::Generate()->ToPem().value(); }
  StatusOr<security::IssuedCertificate> Issue() {
    AuthorityStore store(layout_, "token", options_.open_key, fs_);
    FLOTILLA_ASSIGN_OR_RETURN(const auto authority, store.Issuing());
    return authority.IssueDevice(security::EcKey::Generate()->MakeCsrDer().value(),
                                 DeviceId::Parse("pump-1").value(), kNow, security::kDeviceLife);
  }

  TempDir dir_;
  StateLayout layout_{dir_.path() / "state"};
  OsDurableFs fs_;
  std::string pem_;
  BootstrapOptions options_;
};

TEST_F(RemoteKeyTest, IssuesWithAKeyThatTheStateFolderDoesNotHold) {
  EXPECT_FALSE(std::filesystem::exists(layout_.ca_key()));
  const auto issued = Issue();
  ASSERT_TRUE(issued.ok()) << issued.status();
  AuthorityStore store(layout_, "token", options_.open_key, fs_);
  EXPECT_TRUE(security::CheckPeer(issued->chain_pem, store.Bundle().value(), kNow).ok());
}

TEST_F(RemoteKeyTest, WithoutTheKeyNothingIsIssuedAndTheReasonSaysSo) {
  pem_.clear();
  EXPECT_EQ(ReasonNumber(Issue().status()), v1::FAILURE_REASON_CONTROL_KEY_UNAVAILABLE);
  NewKey();
  EXPECT_EQ(ReasonNumber(Issue().status()), v1::FAILURE_REASON_CONTROL_KEY_UNAVAILABLE);
}

TEST_F(RemoteKeyTest, RotatesToANewKeyAlone) {
  AuthorityStore store(layout_, "token", options_.open_key, fs_);
  EXPECT_EQ(store.Rotate(kNow, kLife).status().code(), StatusCode::kFailedPrecondition);
  NewKey();
  ASSERT_TRUE(store.Rotate(kNow, kLife).ok());
  EXPECT_TRUE(Issue().ok());
}

}  // namespace
}  // namespace flotilla::controller
