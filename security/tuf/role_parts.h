// Parts of metadata that several roles share; used by the parsers of this folder only.
#ifndef FLOTILLA_SECURITY_TUF_ROLE_PARTS_H_
#define FLOTILLA_SECURITY_TUF_ROLE_PARTS_H_

#include <cstdint>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/status.h"
#include "security/tuf/metadata.h"

namespace flotilla::tuf {

// _type, spec_version, version, expires. DATA_LOSS with FORM_WRONG_TYPE, FORM_SPEC_VERSION or
// FORM_SCHEMA.
StatusOr<Common> ParseCommon(const boost::json::object& signed_part, std::string_view type);
// keyids and threshold of a role.
StatusOr<RoleKeys> ParseRoleKeys(const boost::json::object& role);
// "hashes" of a file; a schema error when it is empty.
StatusOr<Hashes> ParseHashes(const boost::json::object& file);
// "length", at most `max`.
StatusOr<std::uint64_t> ParseLength(const boost::json::object& file, std::uint64_t max);

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_ROLE_PARTS_H_
