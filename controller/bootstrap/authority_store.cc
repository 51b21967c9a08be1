#include "controller/bootstrap/authority_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "controller/bootstrap/controller_identity.h"
#include "security/x509/bundle.h"
#include "security/x509/ec_key.h"

namespace flotilla::controller {
namespace {

constexpr unsigned kPublic = 0644;
constexpr unsigned kPrivate = 0600;
constexpr char kName[] = "Flotilla";

std::filesystem::path NextCertificate(const StateLayout& layout) {
  return layout.state_dir / "ca" / "next.crt";
}
std::filesystem::path NextKey(const StateLayout& layout) {
  return layout.state_dir / "ca" / "next.key";
}

bool IsThere(const std::filesystem::path& path) {
  return FileSize(path).ok();
}

StatusOr<KnownAuthority> Describe(const std::string& pem, AuthorityStanding standing) {
  KnownAuthority known;
  known.cert_pem = pem;
  known.standing = standing;
  FLOTILLA_ASSIGN_OR_RETURN(known.fingerprint, security::CertificateFingerprint(pem));
  FLOTILLA_ASSIGN_OR_RETURN(const security::CertificateDates dates, security::DatesOf(pem));
  known.not_after = dates.not_after;
  return known;
}

StatusOr<std::vector<KnownAuthority>> ReadFolder(const std::filesystem::path& folder,
                                                 AuthorityStanding standing) {
  std::vector<KnownAuthority> known;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".crt") {
      FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, ReadPem(entry->path()));
      FLOTILLA_ASSIGN_OR_RETURN(KnownAuthority one, Describe(pem, standing));
      known.push_back(std::move(one));
    }
  }
  std::sort(known.begin(), known.end(),
            [](const auto& a, const auto& b) { return a.not_after > b.not_after; });
  return known;
}

}  // namespace

AuthorityStore::AuthorityStore(StateLayout layout, std::string key_spec, OpenKey open_key,
                               DurableFs& fs)
    : layout_(std::move(layout)),
      key_spec_(std::move(key_spec)),
      open_key_(std::move(open_key)),
      fs_(fs) {}

std::filesystem::path AuthorityStore::Folder(AuthorityStanding standing) const {
  return layout_.state_dir / "ca" /
         (standing == AuthorityStanding::kRetired ? "retired" : "trusted");
}

// next.crt is written last: when it is there, the rotation is decided.
Status AuthorityStore::Recover() {
  if (!IsThere(NextCertificate(layout_))) {
    return OkStatus();
  }
  if (IsThere(NextKey(layout_))) {
    FLOTILLA_RETURN_IF_ERROR(fs_.Rename(NextKey(layout_), layout_.ca_key()));
  } else if (!key_spec_.empty()) {
    FLOTILLA_RETURN_IF_ERROR(DurableRemove(fs_, layout_.ca_key()));
  }
  FLOTILLA_RETURN_IF_ERROR(fs_.Rename(NextCertificate(layout_), layout_.ca_certificate()));
  return fs_.SyncDir(layout_.state_dir / "ca");
}

StatusOr<security::CertificateAuthority> AuthorityStore::Issuing() {
  FLOTILLA_RETURN_IF_ERROR(Recover());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string certificate, ReadPem(layout_.ca_certificate()));
  if (key_spec_.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string key, ReadPem(layout_.ca_key()));
    return security::CertificateAuthority::Load(certificate, key);
  }
  auto signer = open_key_(key_spec_);
  if (!signer.ok()) {
    LogStatus(LogLevel::kError, "ca.key_unavailable", signer.status());
    return security::CertificateAuthority::LoadWith(certificate, nullptr);
  }
  return security::CertificateAuthority::LoadWith(certificate, *std::move(signer));
}

StatusOr<security::CertificateAuthority> AuthorityStore::NewAuthority(Time now, Duration life) {
  if (key_spec_.empty()) {
    return security::CertificateAuthority::Create(kName, now, life);
  }
  FLOTILLA_ASSIGN_OR_RETURN(auto signer, open_key_(key_spec_));
  return security::CertificateAuthority::CreateWith(std::move(signer), kName, now, life);
}

Status AuthorityStore::Put(const security::CertificateAuthority& authority) {
  if (key_spec_.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string key, authority.KeyPem());
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, NextKey(layout_), AsBytes(key), kPrivate));
  }
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs_, NextCertificate(layout_), AsBytes(authority.cert_pem()), kPublic));
  return Recover();
}

StatusOr<security::CertificateAuthority> AuthorityStore::Create(Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(security::CertificateAuthority authority,
                            NewAuthority(now, security::kAuthorityLife));
  FLOTILLA_RETURN_IF_ERROR(Put(authority));
  return authority;
}

StatusOr<std::vector<KnownAuthority>> AuthorityStore::List() {
  FLOTILLA_RETURN_IF_ERROR(Recover());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string certificate, ReadPem(layout_.ca_certificate()));
  FLOTILLA_ASSIGN_OR_RETURN(KnownAuthority issuing,
                            Describe(certificate, AuthorityStanding::kIssuing));
  std::vector<KnownAuthority> all = {std::move(issuing)};
  for (const auto standing : {AuthorityStanding::kTrusted, AuthorityStanding::kRetired}) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto before, ReadFolder(Folder(standing), standing));
    all.insert(all.end(), before.begin(), before.end());
  }
  return all;
}

StatusOr<std::string> AuthorityStore::Bundle() {
  FLOTILLA_ASSIGN_OR_RETURN(const auto all, List());
  std::string bundle;
  for (const KnownAuthority& known : all) {
    if (known.standing != AuthorityStanding::kRetired) {
      bundle += known.cert_pem;
    }
  }
  return bundle;
}

StatusOr<KnownAuthority> AuthorityStore::Rotate(Time now, Duration life) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto all, List());
  const KnownAuthority& before = all.front();
  const auto trusted = static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(),
      [](const KnownAuthority& known) { return known.standing != AuthorityStanding::kRetired; }));
  if (trusted >= security::kMaxBundleCertificates) {
    return FailedPrecondition("8 CAs are trusted already: retire one first");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const security::CertificateAuthority next, NewAuthority(now, life));
  if (!key_spec_.empty() && security::IssuerOf(next.cert_pem(), before.cert_pem).ok()) {
    return FailedPrecondition(
        "ca_key names the key of the present CA: make a new key, name it in controller.yaml, start "
        "the controller again, then rotate");
  }
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, Folder(AuthorityStanding::kTrusted)));
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs_, Folder(AuthorityStanding::kTrusted) / (before.fingerprint.ToHex() + ".crt"),
                   AsBytes(before.cert_pem), kPublic));
  FLOTILLA_RETURN_IF_ERROR(Put(next));
  return Describe(next.cert_pem(), AuthorityStanding::kIssuing);
}

StatusOr<KnownAuthority> AuthorityStore::Retire(const Digest& fingerprint,
                                                const std::vector<std::string>& hosts, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto all, List());
  const auto found = std::find_if(all.begin(), all.end(), [&](const KnownAuthority& known) {
    return known.fingerprint == fingerprint;
  });
  if (found == all.end()) {
    return NotFound("there is no CA " + fingerprint.ToHex());
  }
  if (found->standing == AuthorityStanding::kIssuing) {
    return FailedPrecondition("this CA issues: rotate first");
  }
  KnownAuthority retired = *found;
  retired.standing = AuthorityStanding::kRetired;
  if (found->standing == AuthorityStanding::kRetired) {
    return retired;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const security::CertificateAuthority issuing, Issuing());
  FLOTILLA_ASSIGN_OR_RETURN(const std::string chain, ReadPem(layout_.server_chain()));
  if (!security::IssuerOf(chain, issuing.cert_pem()).ok()) {
    // The key stays, so that one rename replaces the certificate.
    FLOTILLA_ASSIGN_OR_RETURN(const std::string key_pem, ReadPem(layout_.server_key()));
    FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::FromPem(key_pem));
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
    FLOTILLA_ASSIGN_OR_RETURN(const auto issued,
                              issuing.IssueServer(csr, hosts, now, security::kServerLife));
    FLOTILLA_RETURN_IF_ERROR(
        DurableWrite(fs_, layout_.server_chain(), AsBytes(issued.chain_pem), kPublic));
  }
  const std::string file = fingerprint.ToHex() + ".crt";
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, Folder(AuthorityStanding::kRetired)));
  FLOTILLA_RETURN_IF_ERROR(fs_.Rename(Folder(AuthorityStanding::kTrusted) / file,
                                      Folder(AuthorityStanding::kRetired) / file));
  FLOTILLA_RETURN_IF_ERROR(fs_.SyncDir(Folder(AuthorityStanding::kRetired)));
  FLOTILLA_RETURN_IF_ERROR(fs_.SyncDir(Folder(AuthorityStanding::kTrusted)));
  return retired;
}

}  // namespace flotilla::controller
