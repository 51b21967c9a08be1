#include "security/x509/bundle.h"

#include <algorithm>
#include <string>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "security/openssl_ptr.h"
#include "security/sha256.h"
#include "security/x509/certificate.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxSubject = 256;
constexpr std::size_t kMaxFactoryChain = 4;
constexpr std::size_t kMaxFactoryCertificate = std::size_t{8} * 1024;

struct X509StackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using X509StackPtr = std::unique_ptr<STACK_OF(X509), X509StackFree>;

Status NotAllowed(const std::string& why) {
  return WithReason(Unauthenticated("factory certificate refused: " + why + OpenSslErrors()),
                    v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
}

std::string NameEntry(const X509* leaf, int nid) {
  const X509_NAME* const name = X509_get_subject_name(leaf);
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) {
    return {};
  }
  const ASN1_STRING* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  const unsigned char* const data = ASN1_STRING_get0_data(text);
  return std::string(data, data + ASN1_STRING_length(text));
}

std::string SubjectOf(const X509* leaf) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      X509_NAME_print_ex(bio.get(), X509_get_subject_name(leaf), 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  return BioText(bio.get()).substr(0, kMaxSubject);
}

Status CheckFactoryPath(X509* leaf, STACK_OF(X509) * between, const std::vector<X509Ptr>& cas,
                        Time at) {
  const X509StorePtr store(X509_STORE_new());
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr) {
    return Internal("certificate check: " + OpenSslErrors());
  }
  for (const X509Ptr& ca : cas) {
    if (X509_STORE_add_cert(store.get(), ca.get()) != 1) {
      return Internal("certificate check: " + OpenSslErrors());
    }
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf, between) != 1) {
    return Internal("certificate check: " + OpenSslErrors());
  }
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), absl::ToTimeT(at));
  if (X509_verify_cert(context.get()) != 1) {
    return NotAllowed(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<X509Ptr>> ReadBundlePem(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const BioPtr bio, ReadBio(pem));
  std::vector<X509Ptr> certificates;
  while (true) {
    X509Ptr next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) {
      break;
    }
    certificates.push_back(std::move(next));
    if (certificates.size() > kMaxBundleCertificates) {
      return InvalidArgument("more than 8 certificates");
    }
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string errors = OpenSslErrors();
  if (certificates.empty() || !at_end) {
    return InvalidArgument("not PEM certificates: " + errors);
  }
  return certificates;
}

StatusOr<std::vector<Bytes>> CertificatesPemToDer(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<X509Ptr> certificates, ReadBundlePem(pem));
  std::vector<Bytes> ders;
  for (const X509Ptr& certificate : certificates) {
    FLOTILLA_ASSIGN_OR_RETURN(Bytes der, CertificateDer(certificate.get()));
    ders.push_back(std::move(der));
  }
  return ders;
}

StatusOr<Digest> CertificateFingerprint(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificatePem(pem));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes der, CertificateDer(certificate.get()));
  return Sha256(der);
}

StatusOr<CertificateDates> DatesOf(std::string_view pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificatePem(pem));
  CertificateDates dates;
  FLOTILLA_ASSIGN_OR_RETURN(dates.not_before, TimeOf(X509_get0_notBefore(certificate.get())));
  FLOTILLA_ASSIGN_OR_RETURN(dates.not_after, TimeOf(X509_get0_notAfter(certificate.get())));
  return dates;
}

StatusOr<Digest> IssuerOf(std::string_view leaf_pem, std::string_view bundle_pem) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr leaf, ReadCertificatePem(leaf_pem));
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<X509Ptr> cas, ReadBundlePem(bundle_pem));
  for (const X509Ptr& ca : cas) {
    const bool signed_by = X509_verify(leaf.get(), X509_get0_pubkey(ca.get())) == 1;
    static_cast<void>(OpenSslErrors());
    if (signed_by) {
      FLOTILLA_ASSIGN_OR_RETURN(const Bytes der, CertificateDer(ca.get()));
      return Sha256(der);
    }
  }
  return Unauthenticated("no CA of the bundle signed the certificate");
}

StatusOr<FactoryDevice> CheckFactoryChain(const std::vector<Bytes>& chain_der,
                                          std::string_view factory_cas_pem, Time now) {
  if (chain_der.empty() || chain_der.size() > kMaxFactoryChain) {
    return NotAllowed("a chain has 1 to 4 certificates");
  }
  std::vector<X509Ptr> chain;
  const X509StackPtr between(sk_X509_new_null());
  for (const Bytes& der : chain_der) {
    auto certificate =
        der.size() > kMaxFactoryCertificate ? InvalidArgument("too long") : ReadCertificateDer(der);
    if (!certificate.ok() || between == nullptr) {
      return NotAllowed("not a certificate");
    }
    chain.push_back(*std::move(certificate));
    if (chain.size() > 1) {
      sk_X509_push(between.get(), chain.back().get());
    }
  }
  X509* const leaf = chain.front().get();
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<X509Ptr> cas, ReadBundlePem(factory_cas_pem));
  FLOTILLA_ASSIGN_OR_RETURN(const Time end, TimeOf(X509_get0_notAfter(leaf)));
  FLOTILLA_RETURN_IF_ERROR(
      CheckFactoryPath(leaf, between.get(), cas, std::min(now, end - absl::Seconds(1))));
  FactoryDevice device;
  auto spki = P256SpkiDer(X509_get0_pubkey(leaf));
  if (!spki.ok() || X509_check_ca(leaf) != 0) {
    return NotAllowed("the first one is no leaf with a P-256 key");
  }
  device.spki_der = *std::move(spki);
  device.subject = SubjectOf(leaf);
  device.serial_number = NameEntry(leaf, NID_serialNumber);
  if (device.serial_number.empty()) {
    device.serial_number = NameEntry(leaf, NID_commonName);
  }
  return device;
}

}  // namespace flotilla::security
