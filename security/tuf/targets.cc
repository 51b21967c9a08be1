#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "security/tuf/fields.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata.h"
#include "security/tuf/role_parts.h"
#include "security/tuf/target_path.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxSuccinctBits = 32;

StatusOr<TargetFile> ParseTargetFile(const json::object& object) {
  TargetFile file;
  FLOTILLA_ASSIGN_OR_RETURN(file.length, ParseLength(object, kMaxTargetBytes));
  FLOTILLA_ASSIGN_OR_RETURN(file.hashes, ParseHashes(object));
  if (HasField(object, "custom")) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* custom, ObjectField(object, "custom"));
    file.custom = *custom;
  }
  return file;
}

StatusOr<DelegatedRole> ParseDelegatedRole(const json::object& object) {
  DelegatedRole role;
  FLOTILLA_ASSIGN_OR_RETURN(role.name, TextField(object, "name"));
  FLOTILLA_RETURN_IF_ERROR(CheckDelegatedName(role.name));
  FLOTILLA_ASSIGN_OR_RETURN(role.keys, ParseRoleKeys(object));
  if (!HasField(object, "terminating")) {
    return SchemaError("'terminating' is missing");
  }
  FLOTILLA_ASSIGN_OR_RETURN(role.terminating, BoolField(object, "terminating", false));
  if (HasField(object, "paths") == HasField(object, "path_hash_prefixes")) {
    return SchemaError("a delegation needs 'paths' or 'path_hash_prefixes', and not both");
  }
  if (HasField(object, "paths")) {
    FLOTILLA_ASSIGN_OR_RETURN(role.paths, TextArrayField(object, "paths"));
  } else {
    FLOTILLA_ASSIGN_OR_RETURN(role.path_hash_prefixes,
                              TextArrayField(object, "path_hash_prefixes"));
  }
  return role;
}

StatusOr<SuccinctRoles> ParseSuccinct(const json::object& object) {
  SuccinctRoles succinct;
  FLOTILLA_ASSIGN_OR_RETURN(succinct.keys, ParseRoleKeys(object));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t bits, IntField(object, "bit_length", 1));
  if (bits > kMaxSuccinctBits) {
    return SchemaError("'bit_length' is above 32");
  }
  succinct.bit_length = static_cast<int>(bits);
  FLOTILLA_ASSIGN_OR_RETURN(succinct.name_prefix, TextField(object, "name_prefix"));
  FLOTILLA_RETURN_IF_ERROR(CheckDelegatedName(succinct.name_prefix + "-00000000"));
  return succinct;
}

StatusOr<Delegations> ParseDelegations(const json::object& object) {
  Delegations delegations;
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* keys, ObjectField(object, "keys"));
  FLOTILLA_ASSIGN_OR_RETURN(delegations.keys, ParseKeys(*keys));
  if (HasField(object, "roles") == HasField(object, "succinct_roles")) {
    return SchemaError("delegations need 'roles' or 'succinct_roles', and not both");
  }
  if (HasField(object, "succinct_roles")) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* succinct, ObjectField(object, "succinct_roles"));
    FLOTILLA_ASSIGN_OR_RETURN(delegations.succinct, ParseSuccinct(*succinct));
    return delegations;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const json::array* roles, ArrayField(object, "roles"));
  std::set<std::string> names;
  for (const json::value& element : *roles) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* role_object, AsObject(element, "role"));
    FLOTILLA_ASSIGN_OR_RETURN(DelegatedRole role, ParseDelegatedRole(*role_object));
    if (!names.insert(role.name).second) {
      return SchemaError("role '" + role.name + "' is delegated twice");
    }
    delegations.roles.push_back(std::move(role));
  }
  return delegations;
}

StatusOr<LinePolicy> ParsePolicy(const json::object& object) {
  LinePolicy policy;
  if (HasField(object, "x-flotilla-floor")) {
    FLOTILLA_ASSIGN_OR_RETURN(policy.floor, IntField(object, "x-flotilla-floor", 0));
  }
  if (HasField(object, "x-flotilla-blocked")) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto texts, TextArrayField(object, "x-flotilla-blocked"));
    for (const std::string& text : texts) {
      auto digest = Digest::FromHex(text);
      if (!digest.ok()) {
        return SchemaError("'x-flotilla-blocked' must hold SHA-256 values");
      }
      policy.blocked.push_back(*digest);
    }
  }
  return policy;
}

StatusOr<Targets> ReadTargets(const json::object& object) {
  Targets targets;
  FLOTILLA_ASSIGN_OR_RETURN(targets.common, ParseCommon(object, "targets"));
  FLOTILLA_ASSIGN_OR_RETURN(const json::object* files, ObjectField(object, "targets"));
  for (const json::key_value_pair& member : *files) {
    const std::string path(member.key());
    if (path.empty() || path.size() > kMaxPathBytes) {
      return SchemaError("a target path of " + std::to_string(path.size()) + " bytes");
    }
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* file, AsObject(member.value(), path));
    FLOTILLA_ASSIGN_OR_RETURN(TargetFile parsed, ParseTargetFile(*file));
    targets.targets.emplace(path, std::move(parsed));
  }
  if (HasField(object, "delegations")) {
    FLOTILLA_ASSIGN_OR_RETURN(const json::object* inner, ObjectField(object, "delegations"));
    FLOTILLA_ASSIGN_OR_RETURN(targets.delegations, ParseDelegations(*inner));
  }
  FLOTILLA_ASSIGN_OR_RETURN(targets.policy, ParsePolicy(object));
  return targets;
}

}  // namespace

bool LinePolicy::Blocks(const Digest& digest) const {
  return std::find(blocked.begin(), blocked.end(), digest) != blocked.end();
}

StatusOr<Targets> ParseTargets(std::string_view role, const Envelope& envelope) {
  auto targets = ReadTargets(envelope.signed_part);
  if (!targets.ok()) {
    return Annotate(targets.status(), std::string(role));
  }
  return targets;
}

}  // namespace flotilla::tuf
