// The contract of Signer on every place a private key can live in.

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "security/signer_source.h"
#include "security/tpm2/tpm2_context.h"
#include "security/tuf/key.h"
#include "security/tuf/repository.h"
#include "tests/support/fixed_secret.h"
#include "tests/support/soft_token.h"
#include "tests/support/soft_tpm.h"
#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

namespace fs = std::filesystem;

// What a test's key needs as long as it is used.
struct Place {
  TempDir folder;
  SoftToken token;
  SoftTpm tpm;
  FixedSecret secret{SoftToken::kPin};
  std::unique_ptr<Signer> signer;
};

Status WriteProgram(const fs::path& path, const std::string& body) {
  std::ofstream(path) << "#!/bin/sh\nset -eu\n" << body;
  fs::permissions(path, fs::perms::owner_all);
  return OkStatus();
}

Status UsePem(Place& place, KeyKind kind, const std::string& passphrase) {
  OsDurableFs files;
  const fs::path file = place.folder.path() / "k.pem";
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, KeyPair::Generate(kind));
  FLOTILLA_RETURN_IF_ERROR(SaveSigner(files, file, *key, passphrase));
  FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, ParseSignerSpec(file.string()));
  spec.secrets = &place.secret;
  FLOTILLA_ASSIGN_OR_RETURN(place.signer, OpenSigner(spec));
  return OkStatus();
}

Status UseToken(Place& place, const std::string& type) {
  FLOTILLA_RETURN_IF_ERROR(place.token.Start());
  FLOTILLA_RETURN_IF_ERROR(place.token.MakeKey(type, "root-key"));
  FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, ParseSignerSpec(place.token.Uri("root-key")));
  spec.secrets = &place.secret;
  FLOTILLA_ASSIGN_OR_RETURN(place.signer, OpenSigner(spec));
  return OkStatus();
}

Status UseTpm(Place& place, KeyKind kind, const std::string& passphrase) {
  FLOTILLA_RETURN_IF_ERROR(place.tpm.Start());
  const fs::path file = place.folder.path() / "k.tss2.pem";
  {
    FLOTILLA_ASSIGN_OR_RETURN(const auto context, Tpm2Context::Open(place.tpm.tcti()));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, context->MakeKey(kind, passphrase));
    std::ofstream(file) << pem;
  }
  FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, ParseSignerSpec("tpm2:" + file.string()));
  spec.tcti = place.tpm.tcti();
  spec.secrets = &place.secret;
  FLOTILLA_ASSIGN_OR_RETURN(place.signer, OpenSigner(spec));
  return OkStatus();
}

// A program as a publisher would write it, around the openssl command.
Status UseProgram(Place& place) {
  OsDurableFs files;
  const fs::path folder = place.folder.path();
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, KeyPair::Generate(KeyKind::kEcdsaP256));
  FLOTILLA_RETURN_IF_ERROR(SaveSigner(files, folder / "k.pem", *key, ""));
  FLOTILLA_RETURN_IF_ERROR(SavePublicKey(files, folder / "k.pub", key->public_key()));
  FLOTILLA_RETURN_IF_ERROR(WriteProgram(folder / "sign", "openssl dgst -sha256 -sign " +
                                                             (folder / "k.pem").string() +
                                                             " | od -An -v -tx1 | tr -d ' \\n'\n"));
  FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, ParseSignerSpec("cmd:" + (folder / "sign").string()));
  spec.public_key = folder / "k.pub";
  FLOTILLA_ASSIGN_OR_RETURN(place.signer, OpenSigner(spec));
  return OkStatus();
}

Status UseMemory(Place& place) {
  FLOTILLA_ASSIGN_OR_RETURN(place.signer, GenerateEd25519());
  return OkStatus();
}

struct Case {
  const char* name;
  KeyKind kind;
  std::function<Status(Place&)> use;
};

class SignerContract : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Status status = GetParam().use(place_);
    ASSERT_TRUE(status.ok()) << MessageOf(status);
  }

  Place place_;
};

TEST_P(SignerContract, SignsWhatItsPublicKeyAccepts) {
  Signer& signer = *place_.signer;
  EXPECT_EQ(signer.public_key().kind(), GetParam().kind);
  for (const std::string& message :
       {std::string(), std::string("text"), std::string(300'000, 'x')}) {
    const auto signature = signer.Sign(AsBytes(message));
    ASSERT_TRUE(signature.ok()) << MessageOf(signature.status());
    EXPECT_TRUE(signer.public_key().Verify(AsBytes(message), *signature).ok());
    EXPECT_FALSE(signer.public_key().Verify(AsBytes(message + "."), *signature).ok());
  }
}

TEST_P(SignerContract, SignsMetadataUnderTheKeyIdOfItsPublicKey) {
  tuf::Draft draft = tuf::Draft::New(tuf::RoleType::kTargets, FromUnixMillis(2'000'000'000'000));
  ASSERT_TRUE(draft.Sign(*place_.signer).ok());
  EXPECT_EQ(draft.signed_by(), std::vector{tuf::KeyId(place_.signer->public_key())});
  // The key as metadata carries it accepts as well.
  const PublicKey& key = place_.signer->public_key();
  const auto read = PublicKey::FromTuf(key.tuf_keytype(), key.tuf_scheme(), key.tuf_value());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->Verify(AsBytes("m"), place_.signer->Sign(AsBytes("m")).value()).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Places, SignerContract,
    testing::Values(Case{"Memory", KeyKind::kEd25519, UseMemory},
                    Case{"PemEd25519", KeyKind::kEd25519,
                         [](Place& p) { return UsePem(p, KeyKind::kEd25519, ""); }},
                    Case{"PemEcdsa", KeyKind::kEcdsaP256,
                         [](Place& p) { return UsePem(p, KeyKind::kEcdsaP256, ""); }},
                    Case{"PemRsaEncrypted", KeyKind::kRsaPss,
                         [](Place& p) { return UsePem(p, KeyKind::kRsaPss, SoftToken::kPin); }},
                    Case{"TokenEcdsa", KeyKind::kEcdsaP256,
                         [](Place& p) { return UseToken(p, "EC:prime256v1"); }},
                    Case{"TokenRsa", KeyKind::kRsaPss,
                         [](Place& p) { return UseToken(p, "rsa:2048"); }},
                    Case{"TpmEcdsa", KeyKind::kEcdsaP256,
                         [](Place& p) { return UseTpm(p, KeyKind::kEcdsaP256, ""); }},
                    Case{"TpmRsaWithPassphrase", KeyKind::kRsaPss,
                         [](Place& p) { return UseTpm(p, KeyKind::kRsaPss, SoftToken::kPin); }},
                    Case{"Program", KeyKind::kEcdsaP256, UseProgram}),
    [](const testing::TestParamInfo<Case>& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace flotilla::security
