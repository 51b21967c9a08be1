#include "controller/bootstrap/controller_identity.h"

#include <cstdint>
#include <utility>

#include "base/file.h"
#include "security/x509/bundle.h"

namespace flotilla::controller {
namespace {

constexpr std::uint64_t kMaxPemBytes = std::uint64_t{64} * 1024;

}  // namespace

StatusOr<std::string> ReadPem(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxPemBytes));
  return ToText(bytes);
}

StatusOr<ControllerIdentity> LoadIdentity(const StateLayout& layout, AuthorityStore& authorities) {
  FLOTILLA_ASSIGN_OR_RETURN(security::CertificateAuthority authority, authorities.Issuing());
  FLOTILLA_ASSIGN_OR_RETURN(std::string bundle, authorities.Bundle());
  FLOTILLA_ASSIGN_OR_RETURN(std::string chain, ReadPem(layout.server_chain()));
  FLOTILLA_ASSIGN_OR_RETURN(const Digest server_authority, security::IssuerOf(chain, bundle));
  FLOTILLA_ASSIGN_OR_RETURN(std::string key, ReadPem(layout.server_key()));
  return ControllerIdentity{std::move(authority), std::move(bundle), server_authority,
                            std::move(chain), std::move(key)};
}

}  // namespace flotilla::controller
