#include "controller/bootstrap/bootstrap.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "base/file.h"
#include "controller/bootstrap/controller_identity.h"
#include "controller/bootstrap/state_layout.h"
#include "security/key_file.h"
#include "security/x509/authority.h"
#include "security/x509/bundle.h"
#include "security/x509/ec_key.h"
#include "security/x509/peer.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kMaxHosts = 16;
constexpr Duration kRenewBefore = absl::Hours(24 * 30);
constexpr unsigned kPublic = 0644;
constexpr unsigned kPrivate = 0600;

bool IsThere(const std::filesystem::path& path) {
  return FileSize(path).ok();
}

// One run of Bootstrap.
class Steps {
 public:
  Steps(const BootstrapOptions& options, DurableFs& fs, Time now)
      : options_(options),
        layout_{options.state_dir},
        authorities_(layout_, options.ca_key, options.open_key, fs),
        fs_(fs),
        now_(now) {}

  StatusOr<BootstrapReport> Run() {
    FLOTILLA_RETURN_IF_ERROR(MakeFolders());
    FLOTILLA_ASSIGN_OR_RETURN(const security::CertificateAuthority authority, Authority());
    FLOTILLA_ASSIGN_OR_RETURN(bundle_, authorities_.Bundle());
    report_.authority = authority.Fingerprint();
    FLOTILLA_RETURN_IF_ERROR(Server(authority));
    FLOTILLA_RETURN_IF_ERROR(
        OnlineKey("snapshot key", layout_.snapshot_key(), layout_.snapshot_pub()));
    FLOTILLA_RETURN_IF_ERROR(
        OnlineKey("timestamp key", layout_.timestamp_key(), layout_.timestamp_pub()));
    FLOTILLA_RETURN_IF_ERROR(Operator(authority));
    return std::move(report_);
  }

 private:
  Status MakeFolders() {
    for (const char* const name :
         {"ca", "tls", "online-keys", "operator", "repo/metadata", "repo/targets", "repo/blobs"}) {
      FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs_, options_.state_dir / name));
    }
    return OkStatus();
  }

  void Note(const std::string& what, const std::filesystem::path& path, bool made) {
    report_.steps.push_back({what, path, made});
  }

  // The key first: a certificate that is there says that its key is, too.
  Status WritePair(const std::filesystem::path& key_path, const std::string& key_pem,
                   const std::filesystem::path& certificate_path, const std::string& pem) {
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, key_path, AsBytes(key_pem), kPrivate));
    return DurableWrite(fs_, certificate_path, AsBytes(pem), kPublic);
  }

  static Status CheckPair(const std::filesystem::path& key, const std::filesystem::path& pem) {
    return IsThere(key) ? OkStatus()
                        : FailedPrecondition(pem.string() + " is there, but " + key.string() +
                                             " is missing");
  }

  StatusOr<security::CertificateAuthority> Authority() {
    const bool there = IsThere(layout_.ca_certificate());
    Note("operator authority", layout_.ca_certificate(), !there);
    if (there && options_.ca_key.empty()) {
      FLOTILLA_RETURN_IF_ERROR(CheckPair(layout_.ca_key(), layout_.ca_certificate()));
    }
    return there ? authorities_.Issuing() : authorities_.Create(now_);
  }

  std::vector<std::string> Hosts() const {
    std::vector<std::string> hosts = options_.host_names;
    for (const char* const always : {"localhost", "127.0.0.1"}) {
      if (std::find(hosts.begin(), hosts.end(), always) == hosts.end()) {
        hosts.emplace_back(always);
      }
    }
    return hosts;
  }

  // Whether the certificate that is there will do for a while.
  StatusOr<bool> ServerIsGood() const {
    if (!IsThere(layout_.server_chain()) || !IsThere(layout_.server_key())) {
      return false;
    }
    FLOTILLA_ASSIGN_OR_RETURN(const std::string chain, ReadPem(layout_.server_chain()));
    const std::vector<std::string> hosts = Hosts();
    return std::all_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
      return security::CheckServer(chain, bundle_, host, now_ + kRenewBefore).ok();
    });
  }

  Status Server(const security::CertificateAuthority& authority) {
    if (options_.host_names.size() > kMaxHosts) {
      return InvalidArgument("at most 16 host names");
    }
    FLOTILLA_ASSIGN_OR_RETURN(const bool good, ServerIsGood());
    Note("server certificate", layout_.server_chain(), !good);
    if (good) {
      return OkStatus();
    }
    FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
    FLOTILLA_ASSIGN_OR_RETURN(const auto issued,
                              authority.IssueServer(csr, Hosts(), now_, security::kServerLife));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string key_pem, key.ToPem());
    return WritePair(layout_.server_key(), key_pem, layout_.server_chain(), issued.chain_pem);
  }

  Status OnlineKey(const std::string& what, const std::filesystem::path& key_path,
                   const std::filesystem::path& public_path) {
    const bool there = IsThere(key_path);
    Note(what, key_path, !there);
    std::unique_ptr<security::KeyPair> key;
    if (there) {
      FLOTILLA_ASSIGN_OR_RETURN(key, security::LoadSigner(key_path, ""));
    } else {
      FLOTILLA_ASSIGN_OR_RETURN(key, security::GenerateEd25519());
      FLOTILLA_RETURN_IF_ERROR(security::SaveSigner(fs_, key_path, *key, ""));
    }
    return IsThere(public_path) ? OkStatus()
                                : security::SavePublicKey(fs_, public_path, key->public_key());
  }

  Status Operator(const security::CertificateAuthority& authority) {
    const std::filesystem::path folder = layout_.operator_dir();
    const std::filesystem::path certificate = folder / "operator.crt";
    bool there = IsThere(certificate);
    if (there) {
      // One under a CA that is on its way out, or was retired, opens nothing for long.
      FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, ReadPem(certificate));
      there = security::IssuerOf(pem, authority.cert_pem()).ok();
    }
    Note("operator certificate", certificate, !there);
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs_, folder / "ca.crt", AsBytes(bundle_), kPublic));
    if (there) {
      return CheckPair(folder / "operator.key", certificate);
    }
    FLOTILLA_ASSIGN_OR_RETURN(const security::EcKey key, security::EcKey::Generate());
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes csr, key.MakeCsrDer());
    FLOTILLA_ASSIGN_OR_RETURN(
        const auto issued,
        authority.IssueOperator(csr, options_.operator_name, security::OperatorRole::kAdmin, now_,
                                security::kOperatorLife));
    FLOTILLA_ASSIGN_OR_RETURN(const std::string key_pem, key.ToPem());
    return WritePair(folder / "operator.key", key_pem, certificate, issued.chain_pem);
  }

  const BootstrapOptions& options_;
  const StateLayout layout_;
  AuthorityStore authorities_;
  DurableFs& fs_;
  const Time now_;
  std::string bundle_;
  BootstrapReport report_;
};

}  // namespace

StatusOr<BootstrapReport> Bootstrap(const BootstrapOptions& options, DurableFs& fs, Time now) {
  return Steps(options, fs, now).Run();
}

}  // namespace flotilla::controller
