#include "security/x509/certificate_builder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/objects.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "security/x509/certificate.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxCommonName = 64;  // RFC 5280, ub-common-name
constexpr std::size_t kMaxHostName = 253;
constexpr int kSerialBits = 128;
constexpr int kMaxTbsBytes = 32 * 1024;
// SEQUENCE { ecdsa-with-SHA256 }
constexpr std::array<std::uint8_t, 12> kEcdsaWithSha256 = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                           0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

Status Failed(std::string_view what) {
  return Internal("certificate " + std::string(what) + ": " + OpenSslErrors());
}

Status SetSerial(X509* certificate) {
  const BignumPtr number(BN_new());
  if (number == nullptr ||
      BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1 ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return Failed("serial");
  }
  return OkStatus();
}

Status SetDates(X509* certificate, Time not_before, Time not_after) {
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(not_before)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(not_after)) == nullptr) {
    return Failed("dates");
  }
  return OkStatus();
}

Status SetSubject(X509* certificate, std::string_view name) {
  if (name.empty() || name.size() > kMaxCommonName) {
    return InvalidArgument("a common name has 1 to 64 bytes");
  }
  if (X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                 AsBytes(name).data(), static_cast<int>(name.size()), -1, 0) != 1) {
    return Failed("subject");
  }
  return OkStatus();
}

// One extension in the words of x509v3_config(5); `value` is never made from input.
Status AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_nconf_nid(nullptr, &context, nid, value));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return Failed(value);
  }
  return OkStatus();
}

StatusOr<GeneralNamePtr> MakeName(const LeafName& name) {
  GeneralNamePtr made(GENERAL_NAME_new());
  if (made == nullptr) {
    return Failed("name");
  }
  if (name.kind == LeafNameKind::kAddress) {
    ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.text.c_str());
    if (address == nullptr) {
      return Failed("address");
    }
    GENERAL_NAME_set0_value(made.get(), GEN_IPADD, address);
    return made;
  }
  ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
  if (text == nullptr) {
    return Failed("name");
  }
  GENERAL_NAME_set0_value(made.get(), name.kind == LeafNameKind::kUri ? GEN_URI : GEN_DNS, text);
  if (ASN1_STRING_set(text, name.text.data(), static_cast<int>(name.text.size())) != 1) {
    return Failed("name");
  }
  return made;
}

Status AddNames(X509* certificate, const std::vector<LeafName>& names) {
  const GeneralNamesPtr stack(GENERAL_NAMES_new());
  if (stack == nullptr) {
    return Failed("names");
  }
  for (const LeafName& name : names) {
    FLOTILLA_ASSIGN_OR_RETURN(auto made, MakeName(name));
    if (sk_GENERAL_NAME_push(stack.get(), made.get()) == 0) {
      return Failed("names");
    }
    static_cast<void>(made.release());
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, stack.get(), 0, X509V3_ADD_DEFAULT) !=
      1) {
    return Failed("names");
  }
  return OkStatus();
}

StatusOr<X509Ptr> Start(std::string_view subject, Time not_before, Time not_after, EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return Failed("start");
  }
  FLOTILLA_RETURN_IF_ERROR(SetSerial(certificate.get()));
  FLOTILLA_RETURN_IF_ERROR(SetDates(certificate.get(), not_before, not_after));
  FLOTILLA_RETURN_IF_ERROR(SetSubject(certificate.get(), subject));
  return certificate;
}

// One DER element: tag, length, content.
Bytes Element(std::uint8_t tag, const Bytes& content) {
  Bytes der = {tag};
  const std::size_t size = content.size();
  if (size < 0x80) {
    der.push_back(static_cast<std::uint8_t>(size));
  } else {
    der.insert(der.end(), {0x82, static_cast<std::uint8_t>(size >> 8U),
                           static_cast<std::uint8_t>(size & 0xFFU)});
  }
  der.insert(der.end(), content.begin(), content.end());
  return der;
}

// What is signed, with the algorithm in it: OpenSSL writes that only while it signs, so a key that
// is thrown away signs first.
StatusOr<Bytes> ToBeSigned(X509* certificate, X509* issuer) {
  const EvpPkeyPtr thrown_away(EVP_EC_gen("P-256"));
  if (thrown_away == nullptr ||
      X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
      X509_sign(certificate, thrown_away.get(), EVP_sha256()) <= 0) {
    return Failed("signature");
  }
  unsigned char* der = nullptr;
  const int length = i2d_re_X509_tbs(certificate, &der);
  if (length <= 0 || length > kMaxTbsBytes) {
    OPENSSL_free(der);
    return Failed("to be signed");
  }
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

StatusOr<X509Ptr> SignBy(X509* certificate, X509* issuer, const SignCertificate& sign) {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes content, ToBeSigned(certificate, issuer));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes signature, sign(content));
  content.insert(content.end(), kEcdsaWithSha256.begin(), kEcdsaWithSha256.end());
  Bytes bits = {0};  // no unused bits
  bits.insert(bits.end(), signature.begin(), signature.end());
  const Bytes bit_string = Element(0x03, bits);
  content.insert(content.end(), bit_string.begin(), bit_string.end());
  const Bytes der = Element(0x30, content);
  FLOTILLA_ASSIGN_OR_RETURN(X509Ptr made, ReadCertificateDer(der));
  if (X509_verify(made.get(), X509_get0_pubkey(issuer)) != 1) {
    return WithReason(
        Unavailable("what signs for the authority holds another key " + OpenSslErrors()),
        v1::FAILURE_REASON_CONTROL_KEY_UNAVAILABLE);
  }
  return made;
}

bool IsHostCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
}

}  // namespace

StatusOr<LeafName> HostName(std::string_view host) {
  const std::string text(host);
  ASN1_OCTET_STRING* const address = a2i_IPADDRESS(text.c_str());
  static_cast<void>(OpenSslErrors());
  if (address != nullptr) {
    ASN1_OCTET_STRING_free(address);
    return LeafName{LeafNameKind::kAddress, text};
  }
  const bool good = !host.empty() && host.size() <= kMaxHostName && host.front() != '.' &&
                    host.front() != '-' && std::all_of(host.begin(), host.end(), IsHostCharacter) &&
                    host.find("..") == std::string_view::npos;
  if (!good) {
    return InvalidArgument("\"" + text + "\" is neither a host name nor an address");
  }
  return LeafName{LeafNameKind::kDns, text};
}

StatusOr<X509Ptr> BuildLeaf(const LeafPlan& plan, EVP_PKEY* subject_key, X509* issuer,
                            const SignCertificate& sign) {
  FLOTILLA_ASSIGN_OR_RETURN(X509Ptr leaf,
                            Start(plan.subject, plan.not_before, plan.not_after, subject_key));
  const char* const use = plan.use == LeafUse::kServer ? "serverAuth" : "clientAuth";
  FLOTILLA_RETURN_IF_ERROR(
      AddExtension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE"));
  FLOTILLA_RETURN_IF_ERROR(
      AddExtension(leaf.get(), issuer, NID_key_usage, "critical,digitalSignature"));
  FLOTILLA_RETURN_IF_ERROR(AddExtension(leaf.get(), issuer, NID_ext_key_usage, use));
  FLOTILLA_RETURN_IF_ERROR(AddExtension(leaf.get(), issuer, NID_subject_key_identifier, "hash"));
  FLOTILLA_RETURN_IF_ERROR(
      AddExtension(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always"));
  FLOTILLA_RETURN_IF_ERROR(AddNames(leaf.get(), plan.names));
  return SignBy(leaf.get(), issuer, sign);
}

StatusOr<X509Ptr> BuildAuthority(std::string_view name, Time not_before, Time not_after,
                                 EVP_PKEY* key, const SignCertificate& sign) {
  FLOTILLA_ASSIGN_OR_RETURN(X509Ptr root, Start(name, not_before, not_after, key));
  FLOTILLA_RETURN_IF_ERROR(
      AddExtension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  FLOTILLA_RETURN_IF_ERROR(
      AddExtension(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign"));
  FLOTILLA_RETURN_IF_ERROR(
      AddExtension(root.get(), root.get(), NID_subject_key_identifier, "hash"));
  return SignBy(root.get(), root.get(), sign);
}

}  // namespace flotilla::security
