#include "fleetctl/trust/root_edit.h"

#include <cstddef>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "fleetctl/trust/signing_keys.h"
#include "security/tuf/limits.h"
#include "security/tuf/threshold.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::size_t kLeastIdDigits = 8;

StatusOr<tuf::RoleKeys> RoleKeysOf(const tuf::Root& root, const std::string& role) {
  if (role == "root") {
    return root.root;
  }
  if (role == "targets") {
    return root.targets;
  }
  if (role == "snapshot") {
    return root.snapshot;
  }
  if (role == "timestamp") {
    return root.timestamp;
  }
  return InvalidArgument("'" + role +
                         "' is not root, targets, snapshot or timestamp; delegated roles are "
                         "changed with fleetctl delegate");
}

// The one key of the role whose id starts with `prefix`.
StatusOr<std::string> FindKeyId(const tuf::RoleKeys& keys, const std::string& role,
                                const std::string& prefix) {
  if (prefix.size() < kLeastIdDigits) {
    return InvalidArgument(role + "=" + prefix + ": give at least 8 digits of the key id");
  }
  std::string found;
  for (const std::string& id : keys.key_ids) {
    if (id.starts_with(prefix)) {
      if (!found.empty()) {
        return InvalidArgument(absl::StrCat(role, "=", prefix, " fits two keys; give more digits"));
      }
      found = id;
    }
  }
  return found.empty() ? StatusOr<std::string>(NotFound(role + " has no key " + prefix)) : found;
}

std::vector<std::string> SplitCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

Status SetKeys(const std::string& assignment, tuf::Draft& root) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto split, SplitAssignment(assignment));
  const auto& [role, files] = split;
  FLOTILLA_ASSIGN_OR_RETURN(const auto keys, LoadPublicKeys(SplitCommas(files)));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root parsed, RootOf(root));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::RoleKeys had, RoleKeysOf(parsed, role));
  for (const std::string& id : had.key_ids) {
    FLOTILLA_RETURN_IF_ERROR(root.DropKey(role, id));
  }
  for (const security::PublicKey& key : keys) {
    FLOTILLA_RETURN_IF_ERROR(root.AddKey(role, key));
  }
  return OkStatus();
}

Status AddKeyOf(const std::string& assignment, tuf::Draft& root) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto split, SplitAssignment(assignment));
  FLOTILLA_ASSIGN_OR_RETURN(const auto keys, LoadPublicKeys(SplitCommas(split.second)));
  for (const security::PublicKey& key : keys) {
    FLOTILLA_RETURN_IF_ERROR(root.AddKey(split.first, key));
  }
  return OkStatus();
}

Status DropKeyOf(const std::string& assignment, tuf::Draft& root) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto split, SplitAssignment(assignment));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root parsed, RootOf(root));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::RoleKeys keys, RoleKeysOf(parsed, split.first));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string id, FindKeyId(keys, split.first, split.second));
  return root.DropKey(split.first, id);
}

Status SetThresholdOf(const std::string& assignment, tuf::Draft& root) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto split, SplitAssignment(assignment));
  std::int64_t threshold = 0;
  if (!absl::SimpleAtoi(split.second, &threshold)) {
    return InvalidArgument(assignment + ": a threshold is a number");
  }
  return root.SetThreshold(split.first, threshold);
}

Status CheckThresholds(const tuf::Draft& root) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root parsed, RootOf(root));
  for (const char* const role : {"root", "targets", "snapshot", "timestamp"}) {
    FLOTILLA_ASSIGN_OR_RETURN(const tuf::RoleKeys keys, RoleKeysOf(parsed, role));
    if (keys.threshold > static_cast<std::int64_t>(keys.key_ids.size())) {
      return InvalidArgument(std::string(role) + ": a threshold of " +
                             std::to_string(keys.threshold) + " with " +
                             std::to_string(keys.key_ids.size()) + " keys can never be met");
    }
  }
  return OkStatus();
}

// Whether the targets that are published hold by the keys of the staged root.
StatusOr<bool> TargetsHold(const tuf::Draft& targets, const tuf::Draft& root) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, targets.Encode());
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope,
                            tuf::ParseEnvelope("targets", bytes, tuf::kMaxTargetsBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root parsed, RootOf(root));
  return tuf::VerifyThreshold("targets", envelope, parsed.keys, parsed.targets).ok();
}

bool TouchesTargets(const tuf::Draft& before, const tuf::Draft& after) {
  const auto old_root = RootOf(before);
  const auto new_root = RootOf(after);
  return !old_root.ok() || !new_root.ok() ||
         old_root->targets.key_ids != new_root->targets.key_ids ||
         old_root->targets.threshold != new_root->targets.threshold;
}

Status StageTargets(DurableFs& fs, Time expires, Stage& stage) {
  const tuf::Draft* targets = stage.FindTrusted("targets");
  const tuf::Draft& root = *stage.Find("root");
  if (targets == nullptr) {
    const tuf::Draft* before = stage.FindTrusted("root");
    return before == nullptr || !TouchesTargets(*before, root)
               ? OkStatus()
               : FailedPrecondition(
                     "the targets metadata has to be signed anew by the new keys, and the stage "
                     "does not know it: begin with --from FOLDER, where FOLDER holds N.root.json "
                     "and V.targets.json");
  }
  if (stage.Find("targets") != nullptr) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const bool hold, TargetsHold(*targets, root));
  if (hold) {
    return OkStatus();
  }
  tuf::Draft next = *targets;
  next.SetVersion(targets->version() + 1);
  next.SetExpires(expires);
  return stage.Put(fs, "targets", std::move(next));
}

}  // namespace

StatusOr<std::pair<std::string, std::string>> SplitAssignment(const std::string& text) {
  const std::size_t at = text.find('=');
  if (at == 0 || at == std::string::npos || at + 1 == text.size()) {
    return InvalidArgument("'" + text + "': write ROLE=VALUE");
  }
  return std::make_pair(text.substr(0, at), text.substr(at + 1));
}

Status ApplyRootEdit(const RootEdit& edit, tuf::Draft& root) {
  for (const std::string& one : edit.set_keys) {
    FLOTILLA_RETURN_IF_ERROR(SetKeys(one, root));
  }
  for (const std::string& one : edit.add_keys) {
    FLOTILLA_RETURN_IF_ERROR(AddKeyOf(one, root));
  }
  for (const std::string& one : edit.drop_keys) {
    FLOTILLA_RETURN_IF_ERROR(DropKeyOf(one, root));
  }
  for (const std::string& one : edit.thresholds) {
    FLOTILLA_RETURN_IF_ERROR(SetThresholdOf(one, root));
  }
  return CheckThresholds(root);
}

Status StageRootEdit(DurableFs& fs, const RootEdit& edit, Time expires, Time targets_expire,
                     Stage& stage) {
  const tuf::Draft* base =
      stage.Find("root") != nullptr ? stage.Find("root") : stage.FindTrusted("root");
  if (base == nullptr) {
    return FailedPrecondition("the stage knows no root to start from");
  }
  tuf::Draft next = *base;
  if (stage.Find("root") == nullptr) {
    next.SetVersion(base->version() + 1);
  }
  next.SetExpires(expires);
  FLOTILLA_RETURN_IF_ERROR(ApplyRootEdit(edit, next));
  FLOTILLA_RETURN_IF_ERROR(stage.Put(fs, "root", std::move(next)));
  return StageTargets(fs, targets_expire, stage);
}

}  // namespace flotilla::fleetctl
