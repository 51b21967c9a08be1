#include "fleetctl/trust/metadata_diff.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fleetctl/trust/stage.h"

namespace flotilla::fleetctl {
namespace {

namespace json = boost::json;

using Lines = std::vector<std::string>;

constexpr std::size_t kShortId = 12;
constexpr std::size_t kMostTargets = 20;
constexpr std::size_t kNameWidth = 10;

std::string Padded(std::string name) {
  name.resize(std::max(name.size() + 1, kNameWidth), ' ');
  return name;
}

std::string Fact(const std::string& name, const std::string& before, const std::string& after) {
  if (before.empty() || before == after) {
    return (before.empty() ? "+ " : "  ") + Padded(name) + after;
  }
  return "~ " + Padded(name) + before + " -> " + after;
}

std::string LifeText(Time expires, Time now) {
  if (expires <= now) {
    return " (ALREADY OVER)";
  }
  return " (in " + std::to_string((expires - now) / absl::Hours(24)) + " days)";
}

std::string SharesText(const tuf::RoleKeys& keys) {
  return std::to_string(keys.threshold) + " of " + std::to_string(keys.key_ids.size()) +
         (keys.key_ids.size() == 1 ? " key" : " keys");
}

// A threshold, and the keys below it.
void AddRoleKeys(const std::string& name, const tuf::RoleKeys* before,
                 const tuf::KeyMap& before_keys, const tuf::RoleKeys& after,
                 const tuf::KeyMap& after_keys, Lines& lines) {
  lines.push_back(Fact(name, before == nullptr ? "" : SharesText(*before), SharesText(after)));
  std::set<std::string> had;
  if (before != nullptr) {
    had.insert(before->key_ids.begin(), before->key_ids.end());
  }
  const std::set<std::string> has(after.key_ids.begin(), after.key_ids.end());
  const std::string indent(kNameWidth, ' ');
  for (const std::string& id : had) {
    if (!has.contains(id)) {
      lines.push_back("- " + indent + KeyText(id, before_keys));
    }
  }
  for (const std::string& id : after.key_ids) {
    lines.push_back((had.contains(id) ? "  " : "+ ") + indent + KeyText(id, after_keys));
  }
}

// Fields of the signed part that nobody has said anything about yet.
void AddOtherFields(const tuf::Draft* before, const tuf::Draft& after,
                    const std::set<std::string, std::less<>>& told, Lines& lines) {
  const json::object empty;
  const json::object& old_part = before == nullptr ? empty : before->signed_part();
  for (const json::key_value_pair& member : after.signed_part()) {
    const std::string name(member.key());
    const json::value* had = old_part.if_contains(name);
    if (told.contains(name) || (had != nullptr && *had == member.value())) {
      continue;
    }
    lines.push_back((had == nullptr ? "+ " : "~ ") + name + " " + json::serialize(member.value()));
  }
  for (const json::key_value_pair& member : old_part) {
    const std::string name(member.key());
    if (!after.signed_part().contains(name)) {
      lines.push_back("- " + name + " " + json::serialize(member.value()));
    }
  }
}

void AddExpiry(const tuf::Draft* before, const tuf::Draft& after, Time now, Lines& lines) {
  lines.push_back(Fact("expires", before == nullptr ? "" : UtcText(before->expires()),
                       UtcText(after.expires())) +
                  LifeText(after.expires(), now));
}

StatusOr<Lines> DiffRoot(const tuf::Draft* before, const tuf::Draft& after, Time now) {
  Lines lines;
  AddExpiry(before, after, now, lines);
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root new_root, RootOf(after));
  tuf::Root old_root;
  if (before != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(old_root, RootOf(*before));
  }
  const auto add = [&](const char* name, const tuf::RoleKeys& old_keys,
                       const tuf::RoleKeys& new_keys) {
    AddRoleKeys(name, before == nullptr ? nullptr : &old_keys, old_root.keys, new_keys,
                new_root.keys, lines);
  };
  add("root", old_root.root, new_root.root);
  add("targets", old_root.targets, new_root.targets);
  add("snapshot", old_root.snapshot, new_root.snapshot);
  add("timestamp", old_root.timestamp, new_root.timestamp);
  AddOtherFields(before, after, {"_type", "version", "expires", "keys", "roles"}, lines);
  if (before != nullptr) {
    // Keys that no role names would hide in "keys"; a role that is none of the four in "roles".
    std::set<std::string> named;
    for (const auto* role :
         {&new_root.root, &new_root.targets, &new_root.snapshot, &new_root.timestamp}) {
      named.insert(role->key_ids.begin(), role->key_ids.end());
    }
    for (const auto& [id, key] : new_root.keys) {
      if (!named.contains(id) && !old_root.keys.contains(id)) {
        lines.push_back("+ a key that no role uses: " + KeyText(id, new_root.keys));
      }
    }
  }
  return lines;
}

std::string PathsText(const tuf::DelegatedRole& role) {
  std::string text;
  for (const std::string& path : role.paths.value_or(std::vector<std::string>())) {
    text += (text.empty() ? "" : ", ") + path;
  }
  return text.empty() ? "paths by hash prefix" : text;
}

std::map<std::string, const tuf::DelegatedRole*> ByName(const tuf::Targets& targets) {
  std::map<std::string, const tuf::DelegatedRole*> roles;
  if (targets.delegations) {
    for (const tuf::DelegatedRole& role : targets.delegations->roles) {
      roles[role.name] = &role;
    }
  }
  return roles;
}

void AddDelegations(const tuf::Targets& before, const tuf::Targets& after, Lines& lines) {
  const tuf::KeyMap none;
  const auto old_roles = ByName(before);
  const auto new_roles = ByName(after);
  for (const auto& [name, role] : old_roles) {
    if (!new_roles.contains(name)) {
      lines.push_back("- delegation " + name + " (" + PathsText(*role) + ")");
    }
  }
  for (const auto& [name, role] : new_roles) {
    const auto had = old_roles.find(name);
    const tuf::DelegatedRole* old_role = had == old_roles.end() ? nullptr : had->second;
    lines.push_back(Fact("delegation", old_role == nullptr ? "" : name + " " + PathsText(*old_role),
                         name + " " + PathsText(*role)));
    AddRoleKeys("", old_role == nullptr ? nullptr : &old_role->keys,
                before.delegations ? before.delegations->keys : none, role->keys,
                after.delegations->keys, lines);
  }
}

std::string TargetText(const std::string& path, const tuf::TargetFile& file) {
  const std::string digest = file.hashes.sha256 ? file.hashes.sha256->ToHex() : std::string();
  return path + " " + digest.substr(0, kShortId) + ", " + std::to_string(file.length) + " bytes";
}

bool SameFile(const tuf::TargetFile& a, const tuf::TargetFile& b) {
  return a.length == b.length && a.hashes.sha256 == b.hashes.sha256 &&
         a.hashes.sha512 == b.hashes.sha512 && a.custom == b.custom;
}

void AddTargetFiles(const tuf::Targets& before, const tuf::Targets& after, Lines& lines) {
  Lines changes;
  for (const auto& [path, file] : before.targets) {
    if (!after.targets.contains(path)) {
      changes.push_back("- target " + path);
    }
  }
  for (const auto& [path, file] : after.targets) {
    const auto had = before.targets.find(path);
    if (had == before.targets.end() || !SameFile(had->second, file)) {
      changes.push_back((had == before.targets.end() ? "+ target " : "~ target ") +
                        TargetText(path, file));
    }
  }
  if (changes.size() > kMostTargets) {
    const std::size_t more = changes.size() - kMostTargets;
    changes.resize(kMostTargets);
    changes.push_back("~ and " + std::to_string(more) + " more targets; look into the file");
  }
  lines.push_back(
      Fact("targets", std::to_string(before.targets.size()), std::to_string(after.targets.size())));
  lines.insert(lines.end(), changes.begin(), changes.end());
}

StatusOr<Lines> DiffTargets(const std::string& role, const tuf::Draft* before,
                            const tuf::Draft& after, Time now) {
  Lines lines;
  AddExpiry(before, after, now, lines);
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Targets new_targets, TargetsOf(role, after));
  tuf::Targets old_targets;
  if (before != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(old_targets, TargetsOf(role, *before));
  }
  AddDelegations(old_targets, new_targets, lines);
  AddTargetFiles(old_targets, new_targets, lines);
  if (old_targets.policy.floor != new_targets.policy.floor) {
    lines.push_back(Fact("floor", std::to_string(old_targets.policy.floor),
                         std::to_string(new_targets.policy.floor)));
  }
  for (const Digest& digest : old_targets.policy.blocked) {
    if (!new_targets.policy.Blocks(digest)) {
      lines.push_back("- blocked " + digest.ToHex().substr(0, kShortId));
    }
  }
  for (const Digest& digest : new_targets.policy.blocked) {
    if (!old_targets.policy.Blocks(digest)) {
      lines.push_back("+ blocked " + digest.ToHex().substr(0, kShortId));
    }
  }
  AddOtherFields(before, after,
                 {"_type", "version", "expires", "targets", "delegations", "x-flotilla-floor",
                  "x-flotilla-blocked"},
                 lines);
  return lines;
}

}  // namespace

std::string ShortKeyId(const std::string& id) {
  return id.substr(0, kShortId);
}

std::string KeyText(const std::string& id, const tuf::KeyMap& keys) {
  const auto found = keys.find(id);
  const bool usable = found != keys.end() && found->second.usable.has_value();
  return ShortKeyId(id) + " " + (usable ? found->second.usable->tuf_keytype() : "unknown kind");
}

StatusOr<std::vector<std::string>> DiffMetadata(const std::string& role, const tuf::Draft* before,
                                                const tuf::Draft& after, Time now) {
  return role == "root" ? DiffRoot(before, after, now) : DiffTargets(role, before, after, now);
}

}  // namespace flotilla::fleetctl
