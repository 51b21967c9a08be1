// Which delegated roles answer for a target path.
#ifndef FLOTILLA_SECURITY_TUF_DELEGATION_H_
#define FLOTILLA_SECURITY_TUF_DELEGATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "security/tuf/metadata.h"

namespace flotilla::tuf {

// '*' and '?' match within one path segment and never '/'; case matters; a pattern has as many
// segments as the paths it matches. Linear time for any pattern.
bool GlobMatches(std::string_view pattern, std::string_view path);

// Whether a role is trusted with `path`.
bool Covers(const DelegatedRole& role, std::string_view path);

enum class SearchGoesOn { kUnspecified = 0, kYes, kNo };
struct DelegationChoice {
  std::vector<std::string> roles;  // to visit, in order
  // kNo: the last of them is terminating, nothing after it is asked.
  SearchGoesOn goes_on = SearchGoesOn::kYes;
};
DelegationChoice RolesFor(const Delegations& delegations, std::string_view path);

// Keys and threshold of a delegated role; null when `delegations` does not delegate to it.
const RoleKeys* KeysOf(const Delegations& delegations, std::string_view role);

// The succinct role for a path: its name prefix and the first bits of the path's SHA-256.
std::string SuccinctRoleFor(const SuccinctRoles& succinct, std::string_view path);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_DELEGATION_H_
