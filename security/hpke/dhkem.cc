#include "security/hpke/dhkem.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "security/hpke/labeled_hkdf.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

LabeledHkdf KemHkdf() {
  return LabeledHkdf({'K', 'E', 'M', 0x00, kHpkeKemX25519HkdfSha256});
}

StatusOr<EvpPkeyPtr> PrivateKey(ByteView bytes) {
  if (bytes.size() != kX25519KeyBytes) {
    return InvalidArgument("an X25519 private key has 32 bytes");
  }
  EvpPkeyPtr key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes.data(), bytes.size()));
  if (key == nullptr) {
    return Internal("X25519 private key: " + OpenSslErrors());
  }
  return key;
}

bool IsAllZero(const SecretBytes& secret) {
  const X25519PublicKey zeros{};
  return CRYPTO_memcmp(secret.view().data(), zeros.data(), zeros.size()) == 0;
}

Status NoAgreement() {
  OpenSslErrors();  // drained: OpenSSL refuses these points too
  return InvalidArgument("X25519: the other side's key is a point of small order");
}

// RFC 9180 section 4.1, DH(). INVALID_ARGUMENT: not 32 bytes, or an all-zero result.
StatusOr<SecretBytes> DiffieHellman(ByteView private_key, ByteView public_key) {
  if (public_key.size() != kX25519KeyBytes) {
    return InvalidArgument("an X25519 public key has 32 bytes");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const EvpPkeyPtr mine, PrivateKey(private_key));
  const EvpPkeyPtr theirs(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, public_key.data(), public_key.size()));
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(mine.get(), nullptr));
  if (theirs == nullptr || context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), theirs.get(), 0) != 1) {
    return Internal("X25519: " + OpenSslErrors());
  }
  SecretBytes shared(kX25519KeyBytes);
  std::size_t length = shared.size();
  if (EVP_PKEY_derive(context.get(), shared.span().data(), &length) != 1 ||
      length != shared.size() || IsAllZero(shared)) {
    return NoAgreement();
  }
  return shared;
}

// ExtractAndExpand of RFC 9180 section 4.1 with kem_context = enc || pkRm.
StatusOr<SecretBytes> SharedSecret(const SecretBytes& dh, ByteView enc, ByteView receiver) {
  Bytes context(enc.begin(), enc.end());
  context.insert(context.end(), receiver.begin(), receiver.end());
  const LabeledHkdf hkdf = KemHkdf();
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes prk, hkdf.Extract({}, "eae_prk", dh.view()));
  return hkdf.Expand(prk, "shared_secret", context, kHkdfHashBytes);
}

}  // namespace

StatusOr<HpkeKeyPair> HpkeKeyPairOf(ByteView private_key) {
  FLOTILLA_ASSIGN_OR_RETURN(const EvpPkeyPtr key, PrivateKey(private_key));
  HpkeKeyPair pair{SecretBytes(private_key), {}};
  std::size_t length = pair.public_key.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), pair.public_key.data(), &length) != 1 ||
      length != pair.public_key.size()) {
    return Internal("X25519 public key: " + OpenSslErrors());
  }
  return pair;
}

StatusOr<HpkeKeyPair> DeriveHpkeKeyPair(ByteView ikm) {
  if (ikm.size() < kX25519KeyBytes) {
    return InvalidArgument("a key pair is derived from 32 bytes or more");
  }
  const LabeledHkdf hkdf = KemHkdf();
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes prk, hkdf.Extract({}, "dkp_prk", ikm));
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes sk, hkdf.Expand(prk, "sk", {}, kX25519KeyBytes));
  return HpkeKeyPairOf(sk.view());
}

StatusOr<HpkeKeyPair> GenerateHpkeKeyPair(Random& random) {
  SecretBytes ikm(kX25519KeyBytes);
  random.Fill(ikm.span());
  return DeriveHpkeKeyPair(ikm.view());
}

StatusOr<Encapsulated> Encapsulate(const HpkeKeyPair& ephemeral, ByteView receiver_public_key) {
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes dh,
                            DiffieHellman(ephemeral.private_key.view(), receiver_public_key));
  FLOTILLA_ASSIGN_OR_RETURN(SecretBytes shared,
                            SharedSecret(dh, ephemeral.public_key, receiver_public_key));
  return Encapsulated{std::move(shared), ephemeral.public_key};
}

StatusOr<SecretBytes> Decapsulate(ByteView enc, const HpkeKeyPair& receiver) {
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes dh, DiffieHellman(receiver.private_key.view(), enc));
  return SharedSecret(dh, enc, receiver.public_key);
}

}  // namespace flotilla::security
