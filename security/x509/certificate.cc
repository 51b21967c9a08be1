#include "security/x509/certificate.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string>
#include <utility>

#include <openssl/pem.h>

namespace flotilla::security {
namespace {

// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING (66 bytes) 04 ... }
constexpr std::array<std::uint8_t, 27> kP256SpkiPrefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t kP256SpkiBytes = 91;
constexpr std::size_t kSerialDigits = 32;

// Takes what an i2d function of OpenSSL writes.
template <typename Encode>
StatusOr<Bytes> EncodeDer(Encode encode) {
  const int length = encode(nullptr);
  if (length <= 0) {
    return Internal("DER: " + OpenSslErrors());
  }
  Bytes der(static_cast<std::size_t>(length));
  unsigned char* out = der.data();
  if (encode(&out) != length) {
    return Internal("DER: " + OpenSslErrors());
  }
  return der;
}

}  // namespace

StatusOr<BioPtr> ReadBio(std::string_view text) {
  if (text.size() > kMaxPemBytes) {
    return InvalidArgument("PEM text of " + std::to_string(text.size()) + " bytes");
  }
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (bio == nullptr) {
    return Internal("BIO: " + OpenSslErrors());
  }
  return bio;
}

std::string BioText(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

StatusOr<X509Ptr> ReadCertificatePem(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const BioPtr bio, ReadBio(pem));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return InvalidArgument("not a PEM certificate: " + OpenSslErrors());
  }
  return certificate;
}

StatusOr<X509Ptr> ReadCertificateDer(ByteView der) {
  const unsigned char* in = der.data();
  X509Ptr certificate(
      der.size() > kMaxPemBytes ? nullptr : d2i_X509(nullptr, &in, static_cast<long>(der.size())));
  if (certificate == nullptr || in != der.data() + der.size()) {
    return InvalidArgument("not a DER certificate: " + OpenSslErrors());
  }
  return certificate;
}

StatusOr<Bytes> CertificateDer(const X509* certificate) {
  return EncodeDer([certificate](unsigned char** out) { return i2d_X509(certificate, out); });
}

StatusOr<std::string> CertificatePem(const X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return Internal("PEM of a certificate: " + OpenSslErrors());
  }
  return BioText(bio.get());
}

StatusOr<Time> TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) {
    return InvalidArgument("date of a certificate: " + OpenSslErrors());
  }
  return absl::FromTM(fields, absl::UTCTimeZone());
}

StatusOr<std::string> SerialHexOf(const X509* certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (number == nullptr) {
    return InvalidArgument("serial of a certificate: " + OpenSslErrors());
  }
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  std::string hex = HexEncode(bytes);
  if (hex.size() < kSerialDigits) {
    hex.insert(0, kSerialDigits - hex.size(), '0');
  }
  return hex;
}

StatusOr<Bytes> P256SpkiDer(const EVP_PKEY* key) {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes der, EncodeDer([key](unsigned char** out) {
                              return key == nullptr ? 0 : i2d_PUBKEY(key, out);
                            }));
  if (der.size() != kP256SpkiBytes ||
      !std::equal(kP256SpkiPrefix.begin(), kP256SpkiPrefix.end(), der.begin())) {
    return InvalidArgument("the key is not ECDSA P-256");
  }
  return der;
}

}  // namespace flotilla::security
