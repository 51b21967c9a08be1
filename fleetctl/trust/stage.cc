#include "fleetctl/trust/stage.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"
#include "security/tuf/threshold.h"

namespace flotilla::fleetctl {
namespace {

constexpr char kRoot[] = "root";
constexpr char kTargets[] = "targets";
constexpr char kTrusted[] = "trusted";
constexpr unsigned kPermissions = 0644;

StatusOr<tuf::Envelope> EnvelopeOf(const std::string& role, const tuf::Draft& draft) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
  return tuf::ParseEnvelope(role, bytes, tuf::kMaxTargetsBytes);
}

bool HasKey(const tuf::RoleKeys& keys, const std::string& id) {
  return std::find(keys.key_ids.begin(), keys.key_ids.end(), id) != keys.key_ids.end();
}

// Whether `id` signed the envelope well: a threshold of one over that key alone.
bool SignedBy(const tuf::Envelope& envelope, const tuf::KeyMap& keys, const std::string& id) {
  const tuf::RoleKeys one{.key_ids = {id}, .threshold = 1};
  return tuf::VerifyThreshold("", envelope, keys, one).ok();
}

// Every metadata file of `folder`, by role.
Status ReadFolder(const std::filesystem::path& folder, Stage::Drafts& drafts) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path& file = entry->path();
    if (file.extension() != ".json") {
      continue;
    }
    FLOTILLA_ASSIGN_OR_RETURN(const tuf::MetadataName name,
                              tuf::ParseMetadataName(file.filename().string()));
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, tuf::kMaxTargetsBytes));
    auto draft = tuf::Draft::Load(bytes);
    if (!draft.ok()) {
      return Annotate(draft.status(), file.string());
    }
    if (draft->version() != name.version) {
      return InvalidArgument(file.string() + " holds version " + std::to_string(draft->version()));
    }
    if (!drafts.emplace(name.role, std::move(draft).value()).second) {
      return InvalidArgument(folder.string() + " holds two versions of " + name.role +
                             "; keep one of them");
    }
  }
  return OkStatus();
}

// Whether the metadata lets this key sign for a role below it.
bool Delegates(const tuf::Draft& draft, const std::string& id) {
  const auto targets = TargetsOf(kTargets, draft);
  if (!targets.ok() || !targets->delegations) {
    return false;
  }
  const auto& roles = targets->delegations->roles;
  return std::any_of(roles.begin(), roles.end(),
                     [&id](const tuf::DelegatedRole& role) { return HasKey(role.keys, id); });
}

// What is replaced has to be signed by its own keys; whether it is the root a person knows is his
// to compare (root show prints its digest).
Status CheckTrustedRoot(const tuf::Draft& draft) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope, EnvelopeOf(kRoot, draft));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root root, tuf::ParseRoot(envelope));
  return Annotate(tuf::VerifyThreshold(kRoot, envelope, root.keys, root.root),
                  "the root that is replaced is not signed by its own keys");
}

}  // namespace

bool StagedFile::complete() const {
  return std::all_of(requirements.begin(), requirements.end(),
                     [](const Requirement& one) { return one.met; });
}

StatusOr<tuf::Root> RootOf(const tuf::Draft& draft) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope, EnvelopeOf(kRoot, draft));
  return tuf::ParseRoot(envelope);
}

StatusOr<tuf::Targets> TargetsOf(const std::string& role, const tuf::Draft& draft) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope, EnvelopeOf(role, draft));
  return tuf::ParseTargets(role, envelope);
}

StatusOr<Stage> Stage::Load(const std::filesystem::path& folder) {
  Stage stage(folder);
  FLOTILLA_RETURN_IF_ERROR(ReadFolder(folder, stage.drafts_));
  FLOTILLA_RETURN_IF_ERROR(ReadFolder(folder / kTrusted, stage.trusted_));
  if (stage.drafts_.empty()) {
    return InvalidArgument(folder.string() +
                           " holds nothing to sign; begin with fleetctl root init --out or "
                           "fleetctl root edit");
  }
  if (const tuf::Draft* root = stage.FindTrusted(kRoot); root != nullptr) {
    FLOTILLA_RETURN_IF_ERROR(CheckTrustedRoot(*root));
  }
  return stage;
}

StatusOr<Stage> Stage::Create(DurableFs& fs, const std::filesystem::path& folder) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  Stage stage(folder);
  FLOTILLA_RETURN_IF_ERROR(ReadFolder(folder, stage.drafts_));
  if (!stage.drafts_.empty()) {
    return AlreadyExists(folder.string() + " holds a stage already; take another folder");
  }
  return stage;
}

const tuf::Draft* Stage::Find(const std::string& role) const {
  const auto found = drafts_.find(role);
  return found == drafts_.end() ? nullptr : &found->second;
}

const tuf::Draft* Stage::FindTrusted(const std::string& role) const {
  const auto found = trusted_.find(role);
  return found == trusted_.end() ? nullptr : &found->second;
}

Status Stage::Save(DurableFs& fs, const std::string& role) const {
  if (folder_.empty()) {
    return OkStatus();
  }
  const tuf::Draft& draft = drafts_.at(role);
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
  return DurableWrite(fs, folder_ / tuf::MetadataFileName(role, draft.version()), bytes,
                      kPermissions);
}

Status Stage::Put(DurableFs& fs, const std::string& role, tuf::Draft draft) {
  std::string old;
  if (const tuf::Draft* had = Find(role); had != nullptr && had->version() != draft.version()) {
    old = tuf::MetadataFileName(role, had->version());
  }
  drafts_.insert_or_assign(role, std::move(draft));
  FLOTILLA_RETURN_IF_ERROR(Save(fs, role));
  return old.empty() || folder_.empty() ? OkStatus() : DurableRemove(fs, folder_ / old);
}

Status Stage::Trust(DurableFs& fs, const std::string& role, ByteView bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft draft, tuf::Draft::Load(bytes));
  if (role == kRoot) {
    FLOTILLA_RETURN_IF_ERROR(CheckTrustedRoot(draft));
  }
  if (!folder_.empty()) {
    const std::filesystem::path folder = folder_ / kTrusted;
    FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
    const std::string name = tuf::MetadataFileName(role, draft.version());
    FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, folder / name, bytes, kPermissions));
  }
  trusted_.insert_or_assign(role, std::move(draft));
  return OkStatus();
}

StatusOr<std::vector<Stage::Rule>> Stage::RootRules() const {
  std::vector<Rule> rules;
  for (const tuf::Draft* draft : {FindTrusted(kRoot), Find(kRoot)}) {
    if (draft != nullptr) {
      FLOTILLA_ASSIGN_OR_RETURN(tuf::Root root, RootOf(*draft));
      rules.push_back({"root " + std::to_string(root.common.version), std::move(root.keys),
                       std::move(root.root)});
    }
  }
  return rules;
}

StatusOr<std::vector<Stage::Rule>> Stage::RulesOf(const std::string& role) const {
  if (role == kRoot) {
    return RootRules();
  }
  const std::string delegator = role == kTargets ? kRoot : kTargets;
  const tuf::Draft* draft = Find(delegator) != nullptr ? Find(delegator) : FindTrusted(delegator);
  if (draft == nullptr) {
    return FailedPrecondition(role + ": neither the stage nor its trusted/ holds the " + delegator +
                              " metadata that says who may sign it");
  }
  const std::string of = delegator + " " + std::to_string(draft->version());
  if (role == kTargets) {
    FLOTILLA_ASSIGN_OR_RETURN(tuf::Root root, RootOf(*draft));
    return std::vector<Rule>{{of, std::move(root.keys), std::move(root.targets)}};
  }
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Targets targets, TargetsOf(delegator, *draft));
  if (targets.delegations) {
    for (tuf::DelegatedRole& delegated : targets.delegations->roles) {
      if (delegated.name == role) {
        return std::vector<Rule>{
            {of, std::move(targets.delegations->keys), std::move(delegated.keys)}};
      }
    }
  }
  return FailedPrecondition(role + ": " + of + " does not delegate to it");
}

StatusOr<std::vector<std::string>> Stage::Sign(DurableFs& fs, security::Signer& signer) {
  const std::string id = tuf::KeyId(signer.public_key());
  std::vector<std::string> roles;
  for (auto& [role, draft] : drafts_) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Rule> rules, RulesOf(role));
    const bool counts = std::any_of(rules.begin(), rules.end(),
                                    [&id](const Rule& rule) { return HasKey(rule.role_keys, id); });
    if (counts) {
      FLOTILLA_RETURN_IF_ERROR(draft.Sign(signer));
      FLOTILLA_RETURN_IF_ERROR(Save(fs, role));
      roles.push_back(role);
    }
  }
  const tuf::Draft* targets = Find(kTargets);
  if (roles.empty() && (targets == nullptr || !Delegates(*targets, id))) {
    return PermissionDenied("key " + id + " signs nothing in " +
                            (folder_.empty() ? "this change" : folder_.string()) +
                            "; fleetctl root show names the keys that may");
  }
  return roles;
}

StatusOr<std::vector<std::string>> Stage::Merge(DurableFs& fs, const Stage& other) {
  std::vector<std::string> roles;
  for (auto& [role, draft] : drafts_) {
    const tuf::Draft* copy = other.Find(role);
    if (copy == nullptr) {
      continue;
    }
    const auto before = draft.signed_by().size();
    const Status merged = draft.MergeSignatures(*copy);
    if (!merged.ok()) {
      return Annotate(merged, role + " in " + other.folder().string());
    }
    if (draft.signed_by().size() > before) {
      FLOTILLA_RETURN_IF_ERROR(Save(fs, role));
      roles.push_back(role);
    }
  }
  return roles;
}

StatusOr<std::vector<StagedFile>> Stage::Files() const {
  std::vector<StagedFile> files;
  for (const auto& [role, draft] : drafts_) {
    FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope, EnvelopeOf(role, draft));
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Rule> rules, RulesOf(role));
    StagedFile file{.role = role, .version = draft.version(), .requirements = {}};
    for (const Rule& rule : rules) {
      Requirement need;
      need.of = rule.of;
      need.threshold = rule.role_keys.threshold;
      need.met = tuf::VerifyThreshold(role, envelope, rule.keys, rule.role_keys).ok();
      for (const std::string& id : rule.role_keys.key_ids) {
        (SignedBy(envelope, rule.keys, id) ? need.signed_by : need.missing).push_back(id);
      }
      file.requirements.push_back(std::move(need));
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace flotilla::fleetctl
