#include "fleetctl/trust/root_stage.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "security/tuf/key.h"
#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"
#include "security/tuf/threshold.h"

namespace flotilla::fleetctl {
namespace {

constexpr char kRoot[] = "root";
constexpr char kTargets[] = "targets";

bool HasKey(const tuf::RoleKeys& keys, const std::string& id) {
  return std::find(keys.key_ids.begin(), keys.key_ids.end(), id) != keys.key_ids.end();
}

const tuf::RoleKeys& KeysOfRole(const tuf::Root& root, const std::string& role) {
  return role == kRoot ? root.root : root.targets;
}

// Whether `id` signed the envelope well: a threshold of one over that key alone.
bool SignedBy(const tuf::Envelope& envelope, const tuf::Root& root, const std::string& id) {
  const tuf::RoleKeys one{.key_ids = {id}, .threshold = 1};
  return tuf::VerifyThreshold("", envelope, root.keys, one).ok();
}

}  // namespace

StatusOr<RootStage> RootStage::Load(const std::filesystem::path& folder) {
  RootStage stage(folder);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = tuf::ParseMetadataName(entry->path().filename().string());
    if (name.ok() && (name->role == kRoot || name->role == kTargets)) {
      FLOTILLA_RETURN_IF_ERROR(stage.Read(name->role, entry->path()));
    }
  }
  if (!stage.drafts_.contains(kRoot)) {
    return InvalidArgument(folder.string() + " holds no root: fleetctl root init --out it");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, stage.drafts_.at(kRoot).Encode());
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope,
                            tuf::ParseEnvelope(kRoot, bytes, tuf::kMaxRootBytes));
  FLOTILLA_ASSIGN_OR_RETURN(stage.root_, tuf::ParseRoot(envelope));
  return stage;
}

Status RootStage::Read(const std::string& role, const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, tuf::kMaxTargetsBytes));
  auto draft = tuf::Draft::Load(bytes);
  if (!draft.ok()) {
    return Annotate(draft.status(), file.string());
  }
  if (!drafts_.emplace(role, std::move(draft).value()).second) {
    return InvalidArgument(file.string() + ": a stage holds one file of each role");
  }
  return OkStatus();
}

Status RootStage::Save(DurableFs& fs, const std::string& role) const {
  const tuf::Draft& draft = drafts_.at(role);
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, draft.Encode());
  return DurableWrite(fs, folder_ / tuf::MetadataFileName(role, draft.version()), bytes, 0644);
}

StatusOr<RootStage> RootStage::Create(DurableFs& fs, const std::filesystem::path& folder,
                                      const tuf::Draft& root, Time targets_expire) {
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, folder));
  if (Load(folder).ok()) {
    return AlreadyExists(folder.string() + " holds a root already");
  }
  RootStage stage(folder);
  stage.drafts_.emplace(kRoot, root);
  stage.drafts_.emplace(kTargets, tuf::Draft::New(tuf::RoleType::kTargets, targets_expire));
  FLOTILLA_RETURN_IF_ERROR(stage.Save(fs, kRoot));
  FLOTILLA_RETURN_IF_ERROR(stage.Save(fs, kTargets));
  return Load(folder);
}

StatusOr<std::vector<std::string>> RootStage::Sign(DurableFs& fs, security::Signer& signer) {
  const std::string id = tuf::KeyId(signer.public_key());
  std::vector<std::string> roles;
  for (auto& [role, draft] : drafts_) {
    if (HasKey(KeysOfRole(root_, role), id)) {
      FLOTILLA_RETURN_IF_ERROR(draft.Sign(signer));
      FLOTILLA_RETURN_IF_ERROR(Save(fs, role));
      roles.push_back(role);
    }
  }
  if (roles.empty()) {
    return PermissionDenied("key " + id + " signs nothing in " + folder_.string());
  }
  return roles;
}

std::vector<StagedSignatures> RootStage::Signatures() const {
  std::vector<StagedSignatures> all;
  for (const auto& [role, draft] : drafts_) {
    const tuf::RoleKeys& keys = KeysOfRole(root_, role);
    StagedSignatures signatures{.role = role,
                                .version = draft.version(),
                                .threshold = keys.threshold,
                                .signed_by = {},
                                .missing = {}};
    const auto bytes = draft.Encode();
    const auto envelope =
        tuf::ParseEnvelope(role, bytes.ok() ? *bytes : Bytes(), tuf::kMaxTargetsBytes);
    for (const std::string& id : keys.key_ids) {
      const bool good = envelope.ok() && SignedBy(*envelope, root_, id);
      (good ? signatures.signed_by : signatures.missing).push_back(id);
    }
    all.push_back(std::move(signatures));
  }
  return all;
}

}  // namespace flotilla::fleetctl
