#include "telemetry/aggregator/setup.h"

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "security/sha256.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"
#include "telemetry/aggregator/device_registry.h"
#include "telemetry/aggregator/sealing_keys.h"

namespace flotilla::telemetry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxPemBytes = 64U << 10U;
constexpr Duration kRenewBefore = absl::Hours(24 * 30);
constexpr unsigned kPublic = 0644;
constexpr unsigned kPrivate = 0600;
constexpr char kAuthorityName[] = "Flotilla aggregator";

bool IsThere(const fs::path& path) {
  return FileSize(path).ok();
}

StatusOr<std::string> ReadPem(const fs::path& path) {
  const StatusOr<Bytes> bytes = ReadFile(path, kMaxPemBytes);
  if (bytes.ok()) return ToText(*bytes);
  if (bytes.status().code() != StatusCode::kNotFound) return bytes.status();
  return NotFound(absl::StrCat(path.string(), " is not there: run flotilla-aggregator init"));
}

Status CheckPair(const fs::path& key, const fs::path& certificate) {
  if (IsThere(key)) return OkStatus();
  return FailedPrecondition(
      absl::StrCat(certificate.string(), " is there, but ", key.string(), " is missing"));
}

// The key first: a certificate that is there says that its key is, too.
Status WritePair(DurableFs& files, const fs::path& key_path, const std::string& key_pem,
                 const fs::path& certificate_path, const std::string& pem) {
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(files, key_path, AsBytes(key_pem), kPrivate));
  return DurableWrite(files, certificate_path, AsBytes(pem), kPublic);
}

StatusOr<security::CertificateAuthority> LoadAuthority(const StateLayout& layout) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string certificate, ReadPem(layout.ca_certificate()));
  FLOTILLA_RETURN_IF_ERROR(CheckPair(layout.ca_key(), layout.ca_certificate()));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string key, ReadPem(layout.ca_key()));
  return security::CertificateAuthority::Load(certificate, key);
}

std::vector<std::string> Hosts(const AggregatorOptions& options) {
  std::vector<std::string> hosts = options.host_names;
  for (const char* const always : {"localhost", "127.0.0.1"}) {
    if (std::find(hosts.begin(), hosts.end(), always) == hosts.end()) hosts.emplace_back(always);
  }
  return hosts;
}

bool ServerIsGood(const AggregatorOptions& options, Time now) {
  const auto credential = LoadServerCredential(options.layout);
  if (!credential.ok()) return false;
  const Time then = now + kRenewBefore;
  const auto server = security::CheckPeer(credential->chain_pem, credential->ca_pem, then);
  const auto key = security::EcKey::FromPem(credential->key_pem);
  // A power cut between the two files leaves a new key beside the old certificate.
  if (!server.ok() || !key.ok() || key->PublicSpkiDer() != server->spki_der) return false;
  const std::vector<std::string> hosts = Hosts(options);
  return std::all_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
    return security::CheckServer(credential->chain_pem, credential->ca_pem, host, then).ok();
  });
}

// One run of SetUp.
class Steps {
 public:
  Steps(const AggregatorOptions& options, DurableFs& files, Random& random, Time now)
      : options_(options), layout_(options.layout), files_(files), random_(random), now_(now) {}

  StatusOr<SetupReport> Run() {
    FLOTILLA_RETURN_IF_ERROR(Folders());
    FLOTILLA_RETURN_IF_ERROR(Identity());
    FLOTILLA_RETURN_IF_ERROR(Authority());
    const fs::path chain = layout_.server_chain();
    FLOTILLA_ASSIGN_OR_RETURN(const bool renewed, RenewServer(options_, files_, now_));
    Note("server certificate", chain, renewed);
    DeviceListEditor list(options_.devices_file, files_);
    FLOTILLA_ASSIGN_OR_RETURN(const bool made, list.Create());
    Note("list of devices", options_.devices_file, made);
    return std::move(report_);
  }

 private:
  void Note(const std::string& what, const fs::path& path, bool made) {
    report_.steps.push_back({what, path, made});
  }

  Status Folders() {
    for (const char* const name : {"ca", "tls"}) {
      FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(files_, layout_.state_dir / name));
    }
    std::error_code error;
    fs::permissions(layout_.state_dir, fs::perms::owner_all, error);
    return error ? ErrnoStatus(error.value(), layout_.state_dir.string()) : OkStatus();
  }

  Status Identity() {
    const bool there = IsThere(layout_.identity_key());
    if (!there) {
      FLOTILLA_ASSIGN_OR_RETURN(const auto fresh, security::GenerateEd25519());
      FLOTILLA_RETURN_IF_ERROR(security::SaveSigner(files_, layout_.identity_key(), *fresh, ""));
    }
    Note("identity key", layout_.identity_key(), !there);
    FLOTILLA_ASSIGN_OR_RETURN(const auto identity, LoadIdentityKey(layout_));
    report_.identity = FingerprintOf(identity->public_key());
    const bool sealing = IsThere(layout_.sealing_keys());
    Note("sealing keys", layout_.sealing_keys(), !sealing);
    return SealingKeys::Open(layout_.sealing_keys(), options_.sealing_key_life,
                             {*identity, files_, random_}, now_)
        .status();
  }

  Status Authority() {
    const bool there = IsThere(layout_.ca_certificate());
    Note("authority", layout_.ca_certificate(), !there);
    if (there) return LoadAuthority(layout_).status();
    FLOTILLA_ASSIGN_OR_RETURN(
        const auto authority,
        security::CertificateAuthority::Create(kAuthorityName, now_, security::kAuthorityLife));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string key, authority.KeyPem());
    return WritePair(files_, layout_.ca_key(), key, layout_.ca_certificate(), authority.cert_pem());
  }

  const AggregatorOptions& options_;
  const StateLayout& layout_;
  DurableFs& files_;
  Random& random_;
  const Time now_;
  SetupReport report_;
};

}  // namespace

StatusOr<SetupReport> SetUp(const AggregatorOptions& options, DurableFs& fs, Random& random,
                            Time now) {
  return Steps(options, fs, random, now).Run();
}

StatusOr<bool> RenewServer(const AggregatorOptions& options, DurableFs& fs, Time now) {
  if (ServerIsGood(options, now)) return false;
  FLOTILLA_ASSIGN_OR_RETURN(const auto authority, LoadAuthority(options.layout));
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  FLOTILLA_ASSIGN_OR_RETURN(const auto issued,
                            authority.IssueServer(csr, Hosts(options), now, security::kServerLife));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string key_pem, key.ToPem());
  FLOTILLA_RETURN_IF_ERROR(WritePair(fs, options.layout.server_key(), key_pem,
                                     options.layout.server_chain(), issued.chain_pem));
  return true;
}

Status IssueLeader(const StateLayout& layout, const std::filesystem::path& folder, DurableFs& fs,
                   Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto authority, LoadAuthority(layout));
  FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
  // A role must be named; nothing here asks for it.
  FLOTILLA_ASSIGN_OR_RETURN(
      const auto issued, authority.IssueOperator(csr, kLeaderName, security::OperatorRole::kViewer,
                                                 now, security::kOperatorLife));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string key_pem, key.ToPem());
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  FLOTILLA_RETURN_IF_ERROR(
      DurableWrite(fs, folder / "helper-ca.crt", AsBytes(authority.cert_pem()), kPublic));
  return WritePair(fs, folder / "leader.key", key_pem, folder / "leader.crt", issued.chain_pem);
}

StatusOr<std::unique_ptr<security::KeyPair>> LoadIdentityKey(const StateLayout& layout) {
  auto identity = security::LoadSigner(layout.identity_key(), "");
  if (identity.status().code() == StatusCode::kNotFound) {
    return NotFound(absl::StrCat(layout.identity_key().string(),
                                 " is not there: run flotilla-aggregator init"));
  }
  if (identity.ok() && (*identity)->public_key().kind() != security::KeyKind::kEd25519) {
    return FailedPrecondition(absl::StrCat(layout.identity_key().string(), " is no Ed25519 key"));
  }
  return identity;
}

Digest FingerprintOf(const security::PublicKey& identity) {
  return security::Sha256(identity.spki_der());
}

StatusOr<ServerCredential> LoadServerCredential(const StateLayout& layout) {
  ServerCredential credential;
  FLOTILLA_ASSIGN_OR_RETURN(credential.chain_pem, ReadPem(layout.server_chain()));
  FLOTILLA_ASSIGN_OR_RETURN(credential.key_pem, ReadPem(layout.server_key()));
  FLOTILLA_ASSIGN_OR_RETURN(credential.ca_pem, ReadPem(layout.ca_certificate()));
  return credential;
}

}  // namespace flotilla::telemetry
