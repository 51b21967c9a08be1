#ifndef FLOTILLA_CONTROLLER_BOOTSTRAP_CONTROLLER_IDENTITY_H_
#define FLOTILLA_CONTROLLER_BOOTSTRAP_CONTROLLER_IDENTITY_H_

#include <filesystem>
#include <string>

#include "base/digest.h"
#include "base/status.h"
#include "controller/bootstrap/authority_store.h"
#include "controller/bootstrap/state_layout.h"
#include "security/x509/authority.h"

namespace flotilla::controller {

// The keys that Bootstrap made, loaded for a run; those of the online roles are read from their
// folder when they are needed (controller/release/online_keys.h).
struct ControllerIdentity {
  security::CertificateAuthority authority;  // that issues
  std::string ca_bundle_pem;                 // every CA that is trusted
  Digest server_authority;                   // CA that the server's certificate hangs under
  std::string server_chain_pem;              // leaf first, the authority last
  std::string server_key_pem;
};

// NOT_FOUND: a file is missing ("flotilla-controller init" makes them); INVALID_ARGUMENT: damaged.
StatusOr<ControllerIdentity> LoadIdentity(const StateLayout& layout, AuthorityStore& authorities);
// A text file of at most 64 KiB.
StatusOr<std::string> ReadPem(const std::filesystem::path& path);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BOOTSTRAP_CONTROLLER_IDENTITY_H_
