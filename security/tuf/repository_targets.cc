// Edits of targets roles.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "security/tuf/fields.h"
#include "security/tuf/json_edit.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"
#include "security/tuf/repository.h"
#include "security/tuf/target_path.h"

namespace flotilla::tuf {
namespace {

namespace json = boost::json;

Status CheckDelegation(const DelegationSpec& spec) {
  FLOTILLA_RETURN_IF_ERROR(CheckDelegatedName(spec.name));
  const auto keys = static_cast<std::int64_t>(spec.keys.size());
  if (spec.threshold < 1 || spec.threshold > keys || spec.keys.size() > kMaxKeysPerRole) {
    return InvalidArgument(spec.name + ": a threshold of " + std::to_string(spec.threshold) +
                           " with " + std::to_string(keys) + " keys");
  }
  if (spec.paths.empty()) {
    return InvalidArgument(spec.name + ": a delegation needs at least one path pattern");
  }
  return OkStatus();
}

json::object DelegationObject(const DelegationSpec& spec) {
  std::vector<std::string> ids;
  for (const security::PublicKey& key : spec.keys) {
    ids.push_back(KeyId(key));
  }
  json::object role;
  role["name"] = spec.name;
  role["keyids"] = TextArray(ids);
  role["threshold"] = spec.threshold;
  role["terminating"] = spec.terminating;
  role["paths"] = TextArray(spec.paths);
  return role;
}

bool IsNamed(const json::value& role, std::string_view name) {
  return TextField(role.as_object(), "name").value_or("") == name;
}

}  // namespace

StatusOr<json::object*> Draft::TargetsMember(std::string_view member) {
  if (type() != RoleType::kTargets) {
    return InvalidArgument("only a targets role has '" + std::string(member) + "'");
  }
  return &MemberObject(Edit(), member);
}

Status Draft::AddTarget(const std::string& path, std::uint64_t length, const Digest& sha256,
                        const json::object& custom) {
  FLOTILLA_RETURN_IF_ERROR(CheckWrittenTargetPath(path));
  FLOTILLA_ASSIGN_OR_RETURN(json::object * targets, TargetsMember("targets"));
  if (length > kMaxTargetBytes) {
    return InvalidArgument(path + ": more than 1 TiB");
  }
  json::object file;
  file["length"] = static_cast<std::int64_t>(length);
  file["hashes"] = HashesObject(sha256);
  if (!custom.empty()) {
    file["custom"] = custom;
  }
  (*targets)[path] = std::move(file);
  return OkStatus();
}

Status Draft::RemoveTarget(std::string_view path) {
  FLOTILLA_ASSIGN_OR_RETURN(json::object * targets, TargetsMember("targets"));
  return targets->erase(path) == 1 ? OkStatus() : NotFound("no target " + std::string(path));
}

Status Draft::SetDelegation(const DelegationSpec& spec) {
  FLOTILLA_RETURN_IF_ERROR(CheckDelegation(spec));
  FLOTILLA_ASSIGN_OR_RETURN(json::object * delegations, TargetsMember("delegations"));
  json::object& keys = MemberObject(*delegations, "keys");
  for (const security::PublicKey& key : spec.keys) {
    keys[KeyId(key)] = KeyObject(key);
  }
  json::array& roles = MemberArray(*delegations, "roles");
  const auto found = std::find_if(roles.begin(), roles.end(), [&](const json::value& role) {
    return IsNamed(role, spec.name);
  });
  if (found == roles.end()) {
    roles.push_back(DelegationObject(spec));
  } else {
    *found = DelegationObject(spec);
  }
  DropUnusedDelegationKeys(*delegations);
  return OkStatus();
}

Status Draft::RemoveDelegation(std::string_view name) {
  FLOTILLA_ASSIGN_OR_RETURN(json::object * delegations, TargetsMember("delegations"));
  MemberObject(*delegations, "keys");
  json::array& roles = MemberArray(*delegations, "roles");
  const auto found = std::find_if(roles.begin(), roles.end(),
                                  [&](const json::value& role) { return IsNamed(role, name); });
  if (found == roles.end()) {
    return NotFound("no delegation " + std::string(name));
  }
  roles.erase(found);
  DropUnusedDelegationKeys(*delegations);
  return OkStatus();
}

void Draft::DropUnusedDelegationKeys(json::object& delegations) {
  std::vector<const json::object*> roles;
  for (const json::value& role : MemberArray(delegations, "roles")) {
    roles.push_back(&role.as_object());
  }
  KeepUsedKeys(MemberObject(delegations, "keys"), roles);
}

Status Draft::RaiseFloor(std::int64_t floor) {
  if (type() != RoleType::kTargets) {
    return InvalidArgument("only a targets role has a floor");
  }
  const std::int64_t had = IntField(signed_, "x-flotilla-floor", 0).value_or(0);
  if (floor < had) {
    return FailedPrecondition("the floor is " + std::to_string(had) + " and never falls");
  }
  Edit()["x-flotilla-floor"] = floor;
  return OkStatus();
}

Status Draft::ResetFloor(std::int64_t floor) {
  if (type() != RoleType::kTargets || floor < 0) {
    return InvalidArgument("only a targets role has a floor, of 0 or more");
  }
  Edit()["x-flotilla-floor"] = floor;
  return OkStatus();
}

Status Draft::Block(const Digest& digest) {
  if (type() != RoleType::kTargets) {
    return InvalidArgument("only a targets role blocks releases");
  }
  json::array& blocked = MemberArray(Edit(), "x-flotilla-blocked");
  const json::value text(digest.ToHex());
  if (std::find(blocked.begin(), blocked.end(), text) == blocked.end()) {
    blocked.push_back(text);
  }
  return OkStatus();
}

}  // namespace flotilla::tuf
