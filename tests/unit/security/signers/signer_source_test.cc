#include "security/signer_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "security/verifying_signer.h"
#include "tests/support/fixed_secret.h"
#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

namespace fs = std::filesystem;

class Programs : public testing::Test {
 protected:
  void SetUp() override {
    OsDurableFs files;
    key_ = GenerateEd25519().value();
    ASSERT_TRUE(SavePublicKey(files, folder_.path() / "k.pub", key_->public_key()).ok());
  }

  StatusOr<Bytes> SignBy(const std::string& body, Duration timeout = absl::Seconds(30)) {
    const fs::path program = folder_.path() / "sign";
    std::ofstream(program) << "#!/bin/sh\n" << body;
    fs::permissions(program, fs::perms::owner_all);
    SignerSpec spec = ParseSignerSpec("cmd:" + program.string()).value();
    spec.public_key = folder_.path() / "k.pub";
    spec.timeout = timeout;
    spec.on_message = [this](std::string_view text) { shown_ += text; };
    FLOTILLA_ASSIGN_OR_RETURN(const auto signer, OpenSigner(spec));
    return signer->Sign(AsBytes("message"));
  }
  std::string GoodHex() const { return HexEncode(key_->Sign(AsBytes("message")).value()); }

  TempDir folder_;
  std::unique_ptr<KeyPair> key_;
  std::string shown_;
};

TEST_F(Programs, GetTheBytesOnStdinAndAnswerInHex) {
  const auto signature = SignBy("test \"$(cat)\" = message && echo ' " + GoodHex() + " '\n");
  ASSERT_TRUE(signature.ok()) << MessageOf(signature.status());
  EXPECT_EQ(HexEncode(*signature), GoodHex());
}

TEST_F(Programs, MayIgnoreTheirInput) {
  EXPECT_TRUE(SignBy("exec 0<&-\necho " + GoodHex() + "\n").ok());
}

TEST_F(Programs, ThatSignWronglyAreRefused) {
  EXPECT_EQ(SignBy("echo " + std::string(128, '0') + "\n").status().code(), StatusCode::kDataLoss);
}

TEST_F(Programs, ThatWriteNoHexAreRefused) {
  EXPECT_EQ(SignBy("echo hello\n").status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(SignBy("true\n").status().code(), StatusCode::kDataLoss);
}

TEST_F(Programs, ThatFailAreQuotedWithTheirExitCodeAndMessage) {
  const auto signature = SignBy("echo 'no token in the slot' >&2\nexit 3\n");
  EXPECT_EQ(signature.status().code(), StatusCode::kFailedPrecondition);
  const std::string message = MessageOf(signature.status());
  EXPECT_NE(message.find("exit code 3"), std::string::npos) << message;
  EXPECT_NE(message.find("no token in the slot"), std::string::npos) << message;
  EXPECT_EQ(shown_, "no token in the slot\n");
}

TEST_F(Programs, AreEndedWhenTheyTakeTooLong) {
  const auto signature = SignBy("exec sleep 600\n", absl::Milliseconds(50));
  EXPECT_EQ(signature.status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(Programs, ThatWriteWithoutEndAreEnded) {
  EXPECT_EQ(SignBy("exec cat /dev/zero\n").status().code(), StatusCode::kResourceExhausted);
}

TEST_F(Programs, ThatAreNotThereAreNamed) {
  SignerSpec spec = ParseSignerSpec("cmd:" + (folder_.path() / "gone").string()).value();
  spec.public_key = folder_.path() / "k.pub";
  EXPECT_EQ(OpenSigner(spec).value()->Sign(AsBytes("m")).status().code(), StatusCode::kNotFound);
}

TEST_F(Programs, NeedTheirPublicKey) {
  const SignerSpec spec = ParseSignerSpec("cmd:/bin/true").value();
  EXPECT_EQ(OpenSigner(spec).status().code(), StatusCode::kInvalidArgument);
}

TEST(SignerSpec, IsReadFromText) {
  EXPECT_EQ(ParseSignerSpec("a/b.pem")->kind, SignerKind::kPemFile);
  EXPECT_EQ(ParseSignerSpec("pkcs11:object=a")->location, "pkcs11:object=a");
  EXPECT_EQ(ParseSignerSpec("tpm2:a.pem")->location, "a.pem");
  EXPECT_EQ(ParseSignerSpec("cmd:./sign")->location, "./sign");
  for (const char* text : {"", "pkcs11:", "tpm2:", "cmd:"}) {
    EXPECT_EQ(ParseSignerSpec(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(PemSigner, AsksForAPassphraseOnlyWhenTheKeyHasOne) {
  const TempDir folder;
  OsDurableFs files;
  const auto key = GenerateEd25519().value();
  ASSERT_TRUE(SaveSigner(files, folder.path() / "plain.pem", *key, "").ok());
  ASSERT_TRUE(SaveSigner(files, folder.path() / "sealed.pem", *key, "secret").ok());
  FixedSecret secret("secret");
  SignerSpec spec = ParseSignerSpec((folder.path() / "plain.pem").string()).value();
  spec.secrets = &secret;
  EXPECT_TRUE(OpenSigner(spec).ok());
  EXPECT_TRUE(secret.questions().empty());
  spec.location = (folder.path() / "sealed.pem").string();
  EXPECT_TRUE(OpenSigner(spec).ok());
  ASSERT_EQ(secret.questions().size(), 1U);
  EXPECT_EQ(secret.questions().front().holder, spec.location);
}

TEST(PemSigner, TellsAWrongPassphraseAndWhatToDo) {
  const TempDir folder;
  OsDurableFs files;
  ASSERT_TRUE(
      SaveSigner(files, folder.path() / "k.pem", *GenerateEd25519().value(), "secret").ok());
  FixedSecret secret("wrong");
  SignerSpec spec = ParseSignerSpec((folder.path() / "k.pem").string()).value();
  spec.secrets = &secret;
  const auto signer = OpenSigner(spec);
  EXPECT_EQ(signer.status().code(), StatusCode::kUnauthenticated);
  EXPECT_NE(MessageOf(signer.status()).find("docs/keys.md"), std::string::npos);
  spec.secrets = nullptr;
  EXPECT_EQ(OpenSigner(spec).status().code(), StatusCode::kUnauthenticated);
}

TEST(PemSigner, IsRefusedWhenThePublicKeyBesideItIsAnothers) {
  const TempDir folder;
  OsDurableFs files;
  ASSERT_TRUE(SaveSigner(files, folder.path() / "k.pem", *GenerateEd25519().value(), "").ok());
  ASSERT_TRUE(
      SavePublicKey(files, folder.path() / "other.pub", GenerateEd25519().value()->public_key())
          .ok());
  SignerSpec spec = ParseSignerSpec((folder.path() / "k.pem").string()).value();
  spec.public_key = folder.path() / "other.pub";
  EXPECT_EQ(OpenSigner(spec).status().code(), StatusCode::kInvalidArgument);
}

TEST(PemFile, IsEncryptedUnderScryptAndShowsNothingOfTheKey) {
  const TempDir folder;
  OsDurableFs files;
  const fs::path path = folder.path() / "k.pem";
  ASSERT_TRUE(SaveSigner(files, path, *GenerateEd25519().value(), "secret").ok());
  const std::string pem = ToText(ReadFile(path, 65'536).value());
  EXPECT_TRUE(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  // The object identifier of scrypt, 1.3.6.1.4.1.11591.4.11, wherever base64 puts it.
  const Bytes scrypt = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
  std::string base64;
  for (const char c : pem.substr(pem.find('\n'), pem.rfind("-----END") - pem.find('\n'))) {
    base64 += c == '+' ? "-" : c == '/' ? "_" : c == '\n' || c == '=' ? "" : std::string(1, c);
  }
  const auto der = Base64UrlDecode(base64);
  ASSERT_TRUE(der.ok());
  EXPECT_NE(std::search(der->begin(), der->end(), scrypt.begin(), scrypt.end()), der->end());
}

}  // namespace
}  // namespace flotilla::security
