#ifndef FLOTILLA_SECURITY_X509_OPERATOR_ROLE_H_
#define FLOTILLA_SECURITY_X509_OPERATOR_ROLE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla::security {

// What an operator is trusted with; each may do all that those before it may. Which call needs
// which is the table of controller/access/permissions.h.
//
// The role stands in the operator's certificate, as a second SAN URI "flotilla:role:<name>" beside
// "flotilla:operator:<name>": the authority's signature covers both, no database has to be asked,
// and a certificate is good for one role only. A certificate without one is an admin's: it is what
// the first operator got before there were roles. A role that this program does not know is refused
// (security/x509/peer.h): what it allows is not known either.
enum class OperatorRole : std::uint8_t {
  kUnspecified = 0,
  kViewer,          // reads everything, changes nothing
  kOperator,        // runs devices and rollouts
  kReleaseManager,  // brings releases in, and approves rollouts
  kAdmin,           // says who is an operator, and looks after the authority
};

inline constexpr std::string_view kRoleUriPrefix = "flotilla:role:";

// "viewer", "operator", "release-manager", "admin"; "none" for kUnspecified.
std::string OperatorRoleName(OperatorRole role);
// INVALID_ARGUMENT lists the roles.
StatusOr<OperatorRole> ParseOperatorRole(std::string_view name);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_OPERATOR_ROLE_H_
