#include "security/x509/ec_key.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/ec.h>
#include <openssl/pem.h>

#include "security/openssl_ptr.h"
#include "security/x509/certificate.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kTpmLabel = "-----BEGIN TSS2 PRIVATE KEY-----";
constexpr std::size_t kMaxKeyPemBytes = std::size_t{8} * 1024;

// Stands where OpenSSL would ask the terminal for a passphrase.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

StatusOr<X509ReqPtr> UnsignedRequest(evp_pkey_st* key) {
  X509ReqPtr request(X509_REQ_new());
  if (request == nullptr || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                                 AsBytes("flotilla").data(), 8, -1, 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1) {
    return Internal("certificate request: " + OpenSslErrors());
  }
  return request;
}

}  // namespace

EcKey::EcKey(std::shared_ptr<evp_pkey_st> key, Bytes spki, std::string held_pem)
    : key_(std::move(key)), spki_(std::move(spki)), held_pem_(std::move(held_pem)) {}

StatusOr<EcKey> EcKey::Generate() {
  EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) {
    return Internal("generating a P-256 key: " + OpenSslErrors());
  }
  FLOTILLA_ASSIGN_OR_RETURN(Bytes spki, P256SpkiDer(key.get()));
  return EcKey(std::shared_ptr<evp_pkey_st>(std::move(key)), std::move(spki));
}

StatusOr<EcKey> EcKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxKeyPemBytes) {
    return InvalidArgument("private key of " + std::to_string(pem.size()) + " bytes");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const BioPtr bio, ReadBio(pem));
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  const bool held = pem.find(kTpmLabel) != std::string_view::npos;
  if (key == nullptr) {
    const std::string errors = OpenSslErrors();
    return held ? FailedPrecondition(
                      "this key lives in a TPM, and that TPM is not open here: set device_key: "
                      "tpm2, on the machine that made the key")
                : InvalidArgument("not an unencrypted PEM private key: " + errors);
  }
  FLOTILLA_ASSIGN_OR_RETURN(Bytes spki, P256SpkiDer(key.get()));
  return EcKey(std::shared_ptr<evp_pkey_st>(std::move(key)), std::move(spki),
               held ? std::string(pem) : std::string());
}

StatusOr<std::string> EcKey::ToPem() const {
  if (!held_pem_.empty()) {
    return held_pem_;
  }
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                                      nullptr, nullptr) != 1) {
    return Internal("PEM of a private key: " + OpenSslErrors());
  }
  return BioText(bio.get());
}

StatusOr<Bytes> EcKey::MakeCsrDer() const {
  FLOTILLA_ASSIGN_OR_RETURN(const X509ReqPtr request, UnsignedRequest(key_.get()));
  if (X509_REQ_sign(request.get(), key_.get(), EVP_sha256()) <= 0) {
    return Internal("signing a certificate request: " + OpenSslErrors());
  }
  unsigned char* der = nullptr;
  const int length = i2d_X509_REQ(request.get(), &der);
  if (length <= 0) {
    return Internal("DER of a certificate request: " + OpenSslErrors());
  }
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

StatusOr<Bytes> EcKey::Sign(ByteView message) const {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  std::size_t length = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, message.data(), message.size()) != 1) {
    return Internal("ECDSA: " + OpenSslErrors());
  }
  Bytes signature(length);
  if (EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) !=
      1) {
    return Internal("ECDSA: " + OpenSslErrors());
  }
  signature.resize(length);
  return signature;
}

Status VerifyEcSignature(ByteView spki_der, ByteView message, ByteView signature) {
  const unsigned char* in = spki_der.data();
  const EvpPkeyPtr key(d2i_PUBKEY(nullptr, &in, static_cast<long>(spki_der.size())));
  const StatusOr<Bytes> spki = P256SpkiDer(key.get());
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const bool good =
      spki.ok() && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) == 1;
  const std::string errors = OpenSslErrors();
  return good ? OkStatus() : Unauthenticated("the signature is not by this key " + errors);
}

}  // namespace flotilla::security
