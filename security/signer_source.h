// Opens a signer wherever its private key lives: a file, a PKCS#11 token, a TPM, a program.
#ifndef FLOTILLA_SECURITY_SIGNER_SOURCE_H_
#define FLOTILLA_SECURITY_SIGNER_SOURCE_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/time.h"
#include "security/secret.h"
#include "security/signer.h"

namespace flotilla::security {

enum class SignerKind {
  kUnspecified = 0,
  kPemFile,  // "path/to/key.pem"
  kPkcs11,   // "pkcs11:token=flotilla;object=root" (RFC 7512)
  kTpm2,     // "tpm2:path/to/key.tss2.pem"
  kCommand,  // "cmd:path/to/program": canonical bytes on its stdin, hex signature on its stdout
};

struct SignerSpec {
  SignerKind kind = SignerKind::kUnspecified;
  std::string location;  // path or URI, without the prefix "tpm2:" or "cmd:"
  // The public half. Needed for kCommand; elsewhere optional, and then it must be the key's.
  std::filesystem::path public_key;
  // Asked only when the key turns out to need a passphrase or PIN. Null: such a key is refused.
  SecretSource* secrets = nullptr;
  // kCommand: how long one signature may take.
  Duration timeout = absl::Seconds(60);
  // kCommand: what it writes to its stderr, as it comes. May be null.
  std::function<void(std::string_view)> on_message;
  // kTpm2: how to reach the TPM, as tpm2-tss writes it ("device:/dev/tpmrm0",
  // "swtpm:host=127.0.0.1,port=2321"). Empty: the library's default.
  std::string tcti;
  // kPkcs11: the token's library, when the URI has no module-path. Empty: p11-kit's proxy, which
  // offers every module the system has registered.
  std::filesystem::path module;
};

// The text of a key as commands and configuration name it. INVALID_ARGUMENT: empty, or nothing
// after the prefix.
StatusOr<SignerSpec> ParseSignerSpec(std::string_view text);

// A signer that has checked each signature with its own public key before it hands it out: a token
// or program that signs wrongly is found here (DATA_LOSS), not at a device.
// Errors: NOT_FOUND: no such file, token or key; UNAUTHENTICATED: passphrase or PIN is wrong or
// missing; INVALID_ARGUMENT: not a key of ours, or the URI makes no sense; UNAVAILABLE: token or
// TPM does not answer; FAILED_PRECONDITION: a key of another TPM, a locked PIN, a missing library.
// The text says what to do next.
StatusOr<std::unique_ptr<Signer>> OpenSigner(const SignerSpec& spec);

// The public half alone, without a PIN where the token shows it to everybody; a public key PEM too
// where a file is named. Errors as OpenSigner.
StatusOr<PublicKey> ReadPublicHalf(const SignerSpec& spec);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_SIGNER_SOURCE_H_
