#include "security/x509/authority.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/openssl_ptr.h"
#include "security/sha256.h"
#include "security/x509/certificate.h"
#include "security/x509/certificate_builder.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxHosts = 18;
constexpr int kBackdatePartOfLife = 10;

StatusOr<X509ReqPtr> ReadCsr(ByteView csr_der) {
  const unsigned char* in = csr_der.data();
  X509ReqPtr request(csr_der.size() > kMaxCsrBytes
                         ? nullptr
                         : d2i_X509_REQ(nullptr, &in, static_cast<long>(csr_der.size())));
  const bool whole = request != nullptr && in == csr_der.data() + csr_der.size();
  const std::string errors = OpenSslErrors();
  if (!whole) {
    return InvalidArgument("not a certificate request of at most 4 KiB " + errors);
  }
  return request;
}

// The public key of a request, proved to be the asker's.
StatusOr<Bytes> CheckedSpki(const X509ReqPtr& request) {
  EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr) {
    return InvalidArgument("a certificate request without a readable key " + OpenSslErrors());
  }
  FLOTILLA_ASSIGN_OR_RETURN(Bytes spki, P256SpkiDer(key));
  if (X509_REQ_verify(request.get(), key) != 1) {
    return InvalidArgument("a certificate request that its key did not sign " + OpenSslErrors());
  }
  return spki;
}

struct CheckedCsr {
  X509ReqPtr request;
  Digest spki;
};

StatusOr<CheckedCsr> Checked(ByteView csr_der) {
  auto request = ReadCsr(csr_der);
  if (!request.ok()) {
    return WithReason(request.status(), v1::FAILURE_REASON_CONTROL_CSR_INVALID);
  }
  const auto spki = CheckedSpki(*request);
  if (!spki.ok()) {
    return WithReason(spki.status(), v1::FAILURE_REASON_CONTROL_CSR_INVALID);
  }
  return CheckedCsr{std::move(request).value(), Sha256(*spki)};
}

StatusOr<IssuedCertificate> IssueLeaf(const CertificateAuthority& authority,
                                      const SignCertificate& sign, ByteView csr_der,
                                      LeafPlan plan) {
  FLOTILLA_ASSIGN_OR_RETURN(const CheckedCsr csr, Checked(csr_der));
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr issuer, ReadCertificatePem(authority.cert_pem()));
  const Time now = plan.not_before;
  // Of a short life the backdate is a small part, or two thirds of it would be over at once.
  plan.not_before =
      now - std::min(kCertificateBackdate, (plan.not_after - now) / kBackdatePartOfLife);
  plan.not_after = std::min(plan.not_after, authority.not_after());
  if (plan.not_after <= now) {
    return FailedPrecondition("the authority ended at " + UtcText(authority.not_after()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const X509Ptr leaf,
      BuildLeaf(plan, X509_REQ_get0_pubkey(csr.request.get()), issuer.get(), sign));
  IssuedCertificate issued;
  FLOTILLA_ASSIGN_OR_RETURN(issued.chain_pem, CertificatePem(leaf.get()));
  issued.chain_pem += authority.cert_pem();
  FLOTILLA_ASSIGN_OR_RETURN(issued.serial_hex, SerialHexOf(leaf.get()));
  issued.spki = csr.spki;
  FLOTILLA_ASSIGN_OR_RETURN(issued.not_before, TimeOf(X509_get0_notBefore(leaf.get())));
  FLOTILLA_ASSIGN_OR_RETURN(issued.not_after, TimeOf(X509_get0_notAfter(leaf.get())));
  return issued;
}

LeafPlan Plan(LeafUse use, std::string subject, std::vector<LeafName> names, Time now,
              Duration life) {
  return LeafPlan{use, std::move(subject), std::move(names), now, now + life};
}

}  // namespace

StatusOr<Digest> CheckCsr(ByteView csr_der) {
  FLOTILLA_ASSIGN_OR_RETURN(const CheckedCsr csr, Checked(csr_der));
  return csr.spki;
}

// A key in memory, one that lies elsewhere, or none.
struct CertificateAuthority::KeyHolder {
  std::optional<EcKey> key;
  std::shared_ptr<Signer> signer;
  std::mutex mutex;  // a Signer is for one thread at a time

  StatusOr<Bytes> Sign(ByteView message) {
    if (key.has_value()) {
      return key->Sign(message);
    }
    if (signer == nullptr) {
      return WithReason(Unavailable("the key of the authority is not at hand"),
                        v1::FAILURE_REASON_CONTROL_KEY_UNAVAILABLE);
    }
    const std::scoped_lock lock(mutex);
    auto signature = signer->Sign(message);
    return signature.ok()
               ? signature
               : WithReason(signature.status(), v1::FAILURE_REASON_CONTROL_KEY_UNAVAILABLE);
  }
  SignCertificate Function() {
    return [this](ByteView message) { return Sign(message); };
  }
};

CertificateAuthority::CertificateAuthority(std::shared_ptr<KeyHolder> key, std::string cert_pem,
                                           Digest fingerprint, Time not_after)
    : key_(std::move(key)),
      cert_pem_(std::move(cert_pem)),
      fingerprint_(fingerprint),
      not_after_(not_after) {}

StatusOr<CertificateAuthority> CertificateAuthority::Make(std::string_view cert_pem,
                                                          std::shared_ptr<KeyHolder> key) {
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificatePem(cert_pem));
  if (X509_check_ca(certificate.get()) != 1) {
    return InvalidArgument("the certificate is not an authority's");
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::string canonical, CertificatePem(certificate.get()));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes der, CertificateDer(certificate.get()));
  FLOTILLA_ASSIGN_OR_RETURN(const Time not_after, TimeOf(X509_get0_notAfter(certificate.get())));
  return CertificateAuthority(std::move(key), std::move(canonical), Sha256(der), not_after);
}

StatusOr<CertificateAuthority> CertificateAuthority::Create(std::string_view name, Time now,
                                                            Duration life) {
  const auto holder = std::make_shared<KeyHolder>();
  FLOTILLA_ASSIGN_OR_RETURN(EcKey key, EcKey::Generate());
  holder->key.emplace(key);
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate,
                            BuildAuthority(name, now - kCertificateBackdate, now + life,
                                           key.handle(), holder->Function()));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string cert_pem, CertificatePem(certificate.get()));
  return Make(cert_pem, holder);
}

StatusOr<CertificateAuthority> CertificateAuthority::CreateWith(std::shared_ptr<Signer> signer,
                                                                std::string_view name, Time now,
                                                                Duration life) {
  const Bytes& spki = signer->public_key().spki_der();
  const unsigned char* in = spki.data();
  const EvpPkeyPtr key(d2i_PUBKEY(nullptr, &in, static_cast<long>(spki.size())));
  FLOTILLA_RETURN_IF_ERROR(P256SpkiDer(key.get()).status());
  const auto holder = std::make_shared<KeyHolder>();
  holder->signer = std::move(signer);
  FLOTILLA_ASSIGN_OR_RETURN(
      const X509Ptr certificate,
      BuildAuthority(name, now - kCertificateBackdate, now + life, key.get(), holder->Function()));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string cert_pem, CertificatePem(certificate.get()));
  return Make(cert_pem, holder);
}

StatusOr<CertificateAuthority> CertificateAuthority::Load(std::string_view cert_pem,
                                                          std::string_view key_pem) {
  const auto holder = std::make_shared<KeyHolder>();
  FLOTILLA_ASSIGN_OR_RETURN(EcKey key, EcKey::FromPem(key_pem));
  holder->key.emplace(key);
  FLOTILLA_ASSIGN_OR_RETURN(CertificateAuthority authority, Make(cert_pem, holder));
  FLOTILLA_ASSIGN_OR_RETURN(const X509Ptr certificate, ReadCertificatePem(cert_pem));
  if (X509_check_private_key(certificate.get(), key.handle()) != 1) {
    return InvalidArgument("key and certificate do not belong together " + OpenSslErrors());
  }
  return authority;
}

StatusOr<CertificateAuthority> CertificateAuthority::LoadWith(std::string_view cert_pem,
                                                              std::shared_ptr<Signer> signer) {
  const auto holder = std::make_shared<KeyHolder>();
  holder->signer = std::move(signer);
  return Make(cert_pem, holder);
}

StatusOr<std::string> CertificateAuthority::KeyPem() const {
  return key_->key.has_value() ? key_->key->ToPem()
                               : FailedPrecondition("the key of the authority lies elsewhere");
}

StatusOr<IssuedCertificate> CertificateAuthority::IssueDevice(ByteView csr_der,
                                                              const DeviceId& device, Time now,
                                                              Duration life) const {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(device.value(), "device id"));
  std::vector<LeafName> names = {{LeafNameKind::kUri, "flotilla:device:" + device.value()}};
  return IssueLeaf(*this, key_->Function(), csr_der,
                   Plan(LeafUse::kClient, "flotilla device", std::move(names), now, life));
}

StatusOr<IssuedCertificate> CertificateAuthority::IssueOperator(ByteView csr_der,
                                                                std::string_view name,
                                                                OperatorRole role, Time now,
                                                                Duration life) const {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(name, "operator name"));
  const std::string role_name = OperatorRoleName(role);
  FLOTILLA_RETURN_IF_ERROR(ParseOperatorRole(role_name).status());
  std::vector<LeafName> names = {
      {LeafNameKind::kUri, "flotilla:operator:" + std::string(name)},
      {LeafNameKind::kUri, std::string(kRoleUriPrefix) + role_name},
  };
  return IssueLeaf(*this, key_->Function(), csr_der,
                   Plan(LeafUse::kClient, "flotilla operator", std::move(names), now, life));
}

StatusOr<IssuedCertificate> CertificateAuthority::IssueReplica(ByteView csr_der,
                                                               std::string_view name, Time now,
                                                               Duration life) const {
  FLOTILLA_RETURN_IF_ERROR(CheckIdText(name, "replica name"));
  std::vector<LeafName> names = {{LeafNameKind::kUri, "flotilla:replica:" + std::string(name)}};
  return IssueLeaf(*this, key_->Function(), csr_der,
                   Plan(LeafUse::kClient, "flotilla replica", std::move(names), now, life));
}

StatusOr<IssuedCertificate> CertificateAuthority::IssueServer(ByteView csr_der,
                                                              const std::vector<std::string>& hosts,
                                                              Time now, Duration life) const {
  if (hosts.empty() || hosts.size() > kMaxHosts) {
    return InvalidArgument("a server certificate names 1 to 18 hosts");
  }
  std::vector<LeafName> names;
  for (const std::string& host : hosts) {
    FLOTILLA_ASSIGN_OR_RETURN(LeafName name, HostName(host));
    names.push_back(std::move(name));
  }
  return IssueLeaf(*this, key_->Function(), csr_der,
                   Plan(LeafUse::kServer, "flotilla server", std::move(names), now, life));
}

}  // namespace flotilla::security
