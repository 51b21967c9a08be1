#include "controller/release/incoming_metadata.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "security/tuf/limits.h"
#include "security/tuf/repository.h"

namespace flotilla::controller {
namespace {

struct Incoming {
  std::string role;
  std::int64_t version = 0;
  std::string name;  // as stored
};

Status NotOffline(const std::string& name) {
  return WithReason(InvalidArgument(name + " is not metadata of an offline role"),
                    v1::FAILURE_REASON_FORM_WRONG_TYPE);
}

StatusOr<Incoming> Read(const v1::MetadataFile& file) {
  FLOTILLA_ASSIGN_OR_RETURN(tuf::MetadataName name, tuf::ParseMetadataName(file.name()));
  if (file.content().size() > tuf::kMaxTargetsBytes) {
    return WithReason(InvalidArgument(file.name() + " is too large"),
                      v1::FAILURE_REASON_FETCH_TOO_LARGE);
  }
  const auto draft = tuf::Draft::Load(AsBytes(file.content()));
  if (!draft.ok()) {
    return WithReasonNumber(InvalidArgument(file.name() + ": " + MessageOf(draft.status())),
                            ReasonNumber(draft.status()));
  }
  const tuf::RoleType type = name.role == "root" ? tuf::RoleType::kRoot : tuf::RoleType::kTargets;
  if (draft->type() != type || name.role == "snapshot" || name.role == "timestamp") {
    return NotOffline(file.name());
  }
  if (draft->version() < 1 || (name.version != 0 && name.version != draft->version())) {
    return WithReason(
        PermissionDenied(file.name() + " holds version " + std::to_string(draft->version())),
        v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  }
  return Incoming{name.role, draft->version(), tuf::MetadataFileName(name.role, draft->version())};
}

std::int64_t NewestOf(const std::string& role, const tuf::RepositoryFiles& files) {
  std::int64_t newest = 0;
  for (const auto& [file_name, bytes] : files) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok() && name->role == role) {
      newest = std::max(newest, name->version);
    }
  }
  return newest;
}

Status CheckRises(const Incoming& incoming, const tuf::RepositoryFiles& files) {
  const std::int64_t newest = NewestOf(incoming.role, files);
  const std::string text = incoming.role + " has version " + std::to_string(newest) +
                           " here; version " + std::to_string(incoming.version) + " was sent";
  if (incoming.version < newest) {
    return WithReason(PermissionDenied(text), incoming.role == "root"
                                                  ? v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT
                                                  : v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
  }
  if (incoming.version == newest) {
    return WithReason(PermissionDenied(text + " with other bytes"),
                      v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  }
  if (incoming.role == "root" && incoming.version != newest + 1) {
    return WithReason(PermissionDenied(text + ": roots come one after another"),
                      v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  }
  return OkStatus();
}

}  // namespace

StatusOr<tuf::RepositoryFiles> TakeIncoming(const std::vector<v1::MetadataFile>& files,
                                            const tuf::RepositoryFiles& there) {
  if (files.empty() || files.size() > kMaxPublishedFiles) {
    return InvalidArgument("a publication has 1 to 16 files");
  }
  tuf::RepositoryFiles taken;
  tuf::RepositoryFiles all = there;
  for (const v1::MetadataFile& file : files) {
    FLOTILLA_ASSIGN_OR_RETURN(const Incoming incoming, Read(file));
    const auto same = all.find(incoming.name);
    if (same != all.end() && AsText(same->second) == file.content()) {
      continue;
    }
    FLOTILLA_RETURN_IF_ERROR(CheckRises(incoming, all));
    all[incoming.name] = ToBytes(file.content());
    taken[incoming.name] = ToBytes(file.content());
  }
  return taken;
}

Status CheckAllReached(const tuf::RepositoryFiles& files, const tuf::FreshClientView& view) {
  if (view.versions.root != NewestOf("root", files)) {
    return WithReason(
        PermissionDenied("a client stops at root version " + std::to_string(view.versions.root)),
        v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT);
  }
  for (const auto& [file_name, bytes] : files) {
    const auto name = tuf::ParseMetadataName(file_name);
    const bool delegated = name.ok() && name->role != "root" && name->role != "snapshot" &&
                           name->role != "timestamp" && name->role != "targets";
    if (delegated && !view.policies.contains(name->role)) {
      return WithReason(PermissionDenied("no role delegates to " + name->role),
                        v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
    }
  }
  return OkStatus();
}

}  // namespace flotilla::controller
