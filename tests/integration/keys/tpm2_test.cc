// Keys in a TPM, for signing and for TLS.

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "agent/enrol/device_key.h"
#include "agent/enrol/identity.h"
#include "agent/enrol/pem_identity_keys.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/sha256.h"
#include "security/tpm2/tpm2_context.h"
#include "security/tpm2/tpm2_provider.h"
#include "security/tpm2/tpm2_signer.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "tests/support/soft_tpm.h"
#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

class Tpm : public testing::Test {
 protected:
  void SetUp() override {
    const Status started = tpm_.Start();
    ASSERT_TRUE(started.ok()) << MessageOf(started);
  }
  SoftTpm tpm_;
};

TEST_F(Tpm, MakesKeysThatAnotherTpmCannotUse) {
  const auto context = Tpm2Context::Open(tpm_.tcti());
  ASSERT_TRUE(context.ok()) << MessageOf(context.status());
  const auto pem = (*context)->MakeKey(KeyKind::kEcdsaP256, "");
  ASSERT_TRUE(pem.ok()) << MessageOf(pem.status());
  ASSERT_TRUE((*context)->LoadKey(*pem, "").ok());

  SoftTpm other;
  ASSERT_TRUE(other.Start().ok());
  const auto stranger = Tpm2Context::Open(other.tcti());
  ASSERT_TRUE(stranger.ok()) << MessageOf(stranger.status());
  const auto refused = (*stranger)->LoadKey(*pem, "");
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(refused.status()).find("another TPM"), std::string::npos);
}

TEST_F(Tpm, AsksForThePassphraseOfAKeyThatHasOne) {
  const auto context = Tpm2Context::Open(tpm_.tcti());
  ASSERT_TRUE(context.ok()) << MessageOf(context.status());
  const auto pem = (*context)->MakeKey(KeyKind::kEcdsaP256, "secret");
  ASSERT_TRUE(pem.ok()) << MessageOf(pem.status());
  EXPECT_EQ((*context)->LoadKey(*pem, "").status().code(), StatusCode::kUnauthenticated);
  {
    const auto wrong = (*context)->LoadKey(*pem, "wrong");
    const Bytes digest(32);
    EXPECT_TRUE(!wrong.ok() ||
                (*wrong)->SignDigest(digest).status().code() == StatusCode::kUnauthenticated);
  }
  const auto key = (*context)->LoadKey(*pem, "secret");
  ASSERT_TRUE(key.ok()) << MessageOf(key.status());
  EXPECT_TRUE(Tpm2Signer(*key).Sign(AsBytes("m")).ok());
}

TEST_F(Tpm, HasNoEd25519) {
  const auto context = Tpm2Context::Open(tpm_.tcti());
  ASSERT_TRUE(context.ok());
  EXPECT_EQ((*context)->MakeKey(KeyKind::kEd25519, "").status().code(), StatusCode::kUnimplemented);
}

// As five handshakes do, one after another: each reads the PEM and signs.
Status SignFiveTimes(const std::string& pem) {
  for (int i = 0; i < 5; ++i) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto key, EcKey::FromPem(pem));
    FLOTILLA_ASSIGN_OR_RETURN(const auto signature, key.Sign(AsBytes("m")));
    FLOTILLA_RETURN_IF_ERROR(VerifyEcSignature(key.PublicSpkiDer(), AsBytes("m"), signature));
  }
  return OkStatus();
}

TEST_F(Tpm, ServesManyThreadsWithOneKey) {
  const auto provider = Tpm2Provider::Load(tpm_.tcti());
  ASSERT_TRUE(provider.ok()) << MessageOf(provider.status());
  const std::string pem = (*provider)->context().MakeKey(KeyKind::kEcdsaP256, "").value();
  std::vector<Status> results(8, Unavailable("did not run"));
  std::vector<std::jthread> threads;
  threads.reserve(results.size());
  for (Status& result : results) {
    threads.emplace_back([&pem, &result] { result = SignFiveTimes(pem); });
  }
  threads.clear();
  for (const Status& result : results) {
    EXPECT_TRUE(result.ok()) << MessageOf(result);
  }
}

TEST_F(Tpm, KeepsADeviceKeyThatIsUselessElsewhere) {
  const TempDir folder;
  OsDurableFs files;
  const agent::DeviceKeyPlace place{true, tpm_.tcti()};
  std::string pem;
  {
    const auto made = agent::DeviceKey::Prepare(place, folder.path());
    ASSERT_TRUE(made.ok()) << MessageOf(made.status());
    const auto made_key = agent::WantedKey(files, made->keys(), folder.path());
    ASSERT_TRUE(made_key.ok()) << MessageOf(made_key.status());
    const agent::IdentityKey* const key = made_key->get();
    pem = key->TlsPem().value();
    EXPECT_TRUE(IsTpm2Pem(pem));
    const Time now = FromUnixMillis(1'800'000'000'000);
    auto authority = CertificateAuthority::Create("test", now, absl::Hours(24));
    ASSERT_TRUE(authority.ok());
    const auto csr = key->MakeCsrDer();
    ASSERT_TRUE(csr.ok()) << MessageOf(csr.status());
    const auto issued =
        authority->IssueDevice(*csr, DeviceId::Parse("pump-1").value(), now, absl::Hours(1));
    ASSERT_TRUE(issued.ok()) << MessageOf(issued.status());
    const auto peer = CheckPeer(issued->chain_pem, authority->cert_pem(), now);
    ASSERT_TRUE(peer.ok()) << MessageOf(peer.status());
    EXPECT_EQ(peer->spki_der, key->PublicSpkiDer());
  }
  // The same key again after a restart.
  {
    const auto again = agent::DeviceKey::Prepare(place, folder.path());
    ASSERT_TRUE(again.ok()) << MessageOf(again.status());
    EXPECT_EQ((*agent::WantedKey(files, again->keys(), folder.path()))->TlsPem().value(), pem);
  }
  // Without the TPM open, and with another one.
  EXPECT_EQ(agent::PemIdentityKeys().FromPem(pem).status().code(), StatusCode::kFailedPrecondition);
  SoftTpm other;
  ASSERT_TRUE(other.Start().ok());
  EXPECT_EQ(agent::DeviceKey::Prepare({true, other.tcti()}, folder.path()).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST_F(Tpm, DoesNotTakeTheKeyOfADeviceThatHasOneInAFile) {
  const TempDir folder;
  OsDurableFs files;
  agent::PemIdentityKeys in_memory;
  ASSERT_TRUE(agent::WantedKey(files, in_memory, folder.path()).ok());
  EXPECT_EQ(agent::DeviceKey::Prepare({true, tpm_.tcti()}, folder.path()).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST(NoTpm, IsSaidAsSuch) {
  const auto context = Tpm2Context::Open("swtpm:path=/nonexistent/socket");
  EXPECT_EQ(context.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(MessageOf(context.status()).find("/nonexistent/socket"), std::string::npos);
}

TEST(DeviceKeyPlace, IsReadFromTheConfiguration) {
  EXPECT_FALSE(agent::ParseDeviceKey("")->in_tpm);
  EXPECT_FALSE(agent::ParseDeviceKey("file")->in_tpm);
  EXPECT_TRUE(agent::ParseDeviceKey("tpm2")->in_tpm);
  EXPECT_EQ(agent::ParseDeviceKey("tpm2:device:/dev/tpmrm0")->tcti, "device:/dev/tpmrm0");
  EXPECT_EQ(agent::ParseDeviceKey("tpm2:tcti=swtpm:port=1")->tcti, "swtpm:port=1");
  for (const char* text : {"tpm", "tpm2:", "tpm2:tcti=", "pkcs11:x"}) {
    EXPECT_EQ(agent::ParseDeviceKey(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace flotilla::security
