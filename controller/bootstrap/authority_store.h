#ifndef FLOTILLA_CONTROLLER_BOOTSTRAP_AUTHORITY_STORE_H_
#define FLOTILLA_CONTROLLER_BOOTSTRAP_AUTHORITY_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/bootstrap/state_layout.h"
#include "security/signer.h"
#include "security/x509/authority.h"

namespace flotilla::controller {

enum class AuthorityStanding { kUnspecified = 0, kIssuing, kTrusted, kRetired };

struct KnownAuthority {
  std::string cert_pem;
  Digest fingerprint;
  Time not_after;
  AuthorityStanding standing = AuthorityStanding::kUnspecified;
};

// Opens the key that `spec` names: a path, "pkcs11:", "tpm2:", "cmd:".
using OpenKey = std::function<StatusOr<std::unique_ptr<security::Signer>>(const std::string& spec)>;

// The operator's CAs on disk: ca/{ca.crt, ca.key} issues, ca/trusted/ and ca/retired/ hold the
// certificates of those before it, whose keys are gone. Blocking; one user at a time.
// Crash: a rotation or a retirement is done or not done after the next call of any method.
class AuthorityStore {
 public:
  // `key_spec`: where the issuing CA's key lies; empty: ca/ca.key.
  AuthorityStore(StateLayout layout, std::string key_spec, OpenKey open_key, DurableFs& fs);

  // NOT_FOUND: there is none yet. When the key lies elsewhere and is not at hand, or is another
  // one, nothing can be issued until it is (CONTROL_KEY_UNAVAILABLE).
  StatusOr<security::CertificateAuthority> Issuing();
  // The first one. Its key file is not written when it lies elsewhere.
  StatusOr<security::CertificateAuthority> Create(Time now);
  // The issuing one first.
  StatusOr<std::vector<KnownAuthority>> List();
  // Every CA that is trusted, PEM, the issuing one first.
  StatusOr<std::string> Bundle();

  // A new CA issues from now on; the one before stays trusted, its key file is wiped.
  // FAILED_PRECONDITION: a key that lies elsewhere is still the one of the present CA.
  StatusOr<KnownAuthority> Rotate(Time now, Duration life);
  // The CA is trusted no more; the server's certificate hangs under the issuing one from now on.
  // NOT_FOUND; FAILED_PRECONDITION: it is the one that issues.
  StatusOr<KnownAuthority> Retire(const Digest& fingerprint, const std::vector<std::string>& hosts,
                                  Time now);

 private:
  Status Recover();
  StatusOr<security::CertificateAuthority> NewAuthority(Time now, Duration life);
  Status Put(const security::CertificateAuthority& authority);
  std::filesystem::path Folder(AuthorityStanding standing) const;

  const StateLayout layout_;
  const std::string key_spec_;
  const OpenKey open_key_;
  DurableFs& fs_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BOOTSTRAP_AUTHORITY_STORE_H_
