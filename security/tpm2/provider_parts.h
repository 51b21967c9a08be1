// The parts of Tpm2Provider that OpenSSL calls. Included by tpm2/*.cc only.
#ifndef FLOTILLA_SECURITY_TPM2_PROVIDER_PARTS_H_
#define FLOTILLA_SECURITY_TPM2_PROVIDER_PARTS_H_

#include <cstddef>

#include <memory>

#include <openssl/core_dispatch.h>

#include "base/bytes.h"
#include "security/tpm2/tpm2_context.h"

namespace flotilla::security::tpm2 {

inline constexpr const char* kProperties = "provider=flotilla-tpm2";
// As OpenSSL's own provider names the kind.
inline constexpr const char* kEcNames = "EC:id-ecPublicKey:1.2.840.10045.2.1";
inline constexpr int kMaxSignature = 72;
inline constexpr std::size_t kPointBytes = 65;  // uncompressed; the last part of a P-256 SPKI

// What an EVP_PKEY of ours points to.
struct Key {
  Bytes point;
  std::shared_ptr<Tpm2Key> held;  // null: the public half alone
};

// What the decoder hands to the key management is the address of a Key.
inline constexpr std::size_t kReferenceSize = sizeof(void*);

// OpenSSL's tables hold functions of all signatures under one type.
template <typename Function>
OSSL_DISPATCH Entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

// Set a parameter that was asked for; 1 also when it was not, 0 when it does not fit.
int SetNumber(OSSL_PARAM* params, const char* name, int value);
int SetText(OSSL_PARAM* params, const char* name, const char* value);
int SetOctets(OSSL_PARAM* params, const char* name, ByteView value);

const OSSL_ALGORITHM* KeyTable();
const OSSL_ALGORITHM* SignatureTable();

}  // namespace flotilla::security::tpm2

#endif  // FLOTILLA_SECURITY_TPM2_PROVIDER_PARTS_H_
