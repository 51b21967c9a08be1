#include "controller/release/incoming_metadata.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"
#include "base/time.h"
#include "security/tuf/limits.h"
#include "security/tuf/metadata.h"
#include "security/tuf/repository.h"
#include "security/tuf/threshold.h"

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

// What one publication may do; each one also what those before it may.
enum class Rule { kUnspecified = 0, kVersionsRise, kOnlineStartsAnew, kTargetsMayFall };

Status CheckRises(const Incoming& incoming, const tuf::RepositoryFiles& files, Rule rule) {
  const std::int64_t newest = NewestOf(incoming.role, files);
  const std::string text = incoming.role + " has version " + std::to_string(newest) +
                           " here; version " + std::to_string(incoming.version) + " was sent";
  const bool is_root = incoming.role == "root";
  if (incoming.version < newest && (is_root || rule != Rule::kTargetsMayFall)) {
    return WithReason(PermissionDenied(text), is_root ? v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT
                                                      : v1::FAILURE_REASON_TRUST_ROLLBACK_TARGETS);
  }
  if (incoming.version == newest) {
    return WithReason(PermissionDenied(text + " with other bytes"),
                      v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  }
  if (is_root && incoming.version != newest + 1) {
    return WithReason(PermissionDenied(text + ": roots come one after another"),
                      v1::FAILURE_REASON_TRUST_VERSION_MISMATCH);
  }
  return OkStatus();
}

StatusOr<tuf::Root> NewestRoot(const tuf::RepositoryFiles& files) {
  const auto found = files.find(tuf::MetadataFileName("root", NewestOf("root", files)));
  if (found == files.end()) {
    return NotFound("no root is there");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Envelope envelope,
                            tuf::ParseEnvelope("root", found->second, tuf::kMaxRootBytes));
  return tuf::ParseRoot(envelope);
}

// Whether `after` has a root by which devices forget what the online roles said.
Rule RuleOf(const tuf::RepositoryFiles& before, const tuf::RepositoryFiles& after) {
  const auto old_root = NewestRoot(before);
  const auto new_root = NewestRoot(after);
  if (!old_root.ok() || !new_root.ok()) {
    return Rule::kVersionsRise;
  }
  if (!tuf::SameSigners(old_root->snapshot, new_root->snapshot)) {
    return Rule::kTargetsMayFall;
  }
  return tuf::SameSigners(old_root->timestamp, new_root->timestamp) ? Rule::kVersionsRise
                                                                    : Rule::kOnlineStartsAnew;
}

// Names of the files of `role` above `version`.
std::vector<std::string> Above(const std::string& role, std::int64_t version,
                               const tuf::RepositoryFiles& files) {
  std::vector<std::string> names;
  for (const auto& [file_name, bytes] : files) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (name.ok() && name->role == role && name->version > version) {
      names.push_back(file_name);
    }
  }
  return names;
}

Status Take(const v1::MetadataFile& file, const Incoming& incoming, Rule rule,
            tuf::RepositoryFiles& all, IncomingMetadata& result) {
  FLOTILLA_RETURN_IF_ERROR(CheckRises(incoming, all, rule));
  for (const std::string& name : Above(incoming.role, incoming.version, all)) {
    all.erase(name);
    result.taken.erase(name);
    result.withdrawn.push_back(name);
  }
  all[incoming.name] = ToBytes(file.content());
  result.taken[incoming.name] = ToBytes(file.content());
  return OkStatus();
}

}  // namespace

std::vector<std::string> RunUpOnlineFiles(const tuf::RepositoryFiles& files) {
  // No repository counts so far by itself; JavaScript clients count no further exactly.
  constexpr std::int64_t kMostHonest = std::int64_t{1} << 53U;
  std::vector<std::string> names = Above("snapshot", kMostHonest, files);
  const auto timestamp = files.find("timestamp.json");
  if (timestamp != files.end()) {
    const auto draft = tuf::Draft::Load(timestamp->second);
    if (draft.ok() && draft->version() > kMostHonest) {
      names.push_back(timestamp->first);
    }
  }
  return names;
}

StatusOr<IncomingMetadata> TakeIncoming(const std::vector<v1::MetadataFile>& files,
                                        const tuf::RepositoryFiles& there) {
  if (files.empty() || files.size() > kMaxPublishedFiles) {
    return InvalidArgument("a publication has 1 to 16 files");
  }
  tuf::RepositoryFiles after = there;
  std::vector<Incoming> read;
  for (const v1::MetadataFile& file : files) {
    FLOTILLA_ASSIGN_OR_RETURN(Incoming incoming, Read(file));
    after.emplace(incoming.name, ToBytes(file.content()));
    read.push_back(std::move(incoming));
  }
  const Rule rule = RuleOf(there, after);
  IncomingMetadata result;
  if (rule != Rule::kVersionsRise) {
    result.withdrawn = RunUpOnlineFiles(there);
  }
  tuf::RepositoryFiles all = there;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const v1::MetadataFile& file = files[i];
    const auto same = all.find(read[i].name);
    if (same == all.end() || AsText(same->second) != file.content()) {
      FLOTILLA_RETURN_IF_ERROR(Take(file, read[i], rule, all, result));
    }
  }
  return result;
}

Status CheckAllReached(const tuf::RepositoryFiles& files, const tuf::RepositoryFiles& taken,
                       const tuf::FreshClientView& view) {
  if (view.versions.root != NewestOf("root", files)) {
    return WithReason(
        PermissionDenied("a client stops at root version " + std::to_string(view.versions.root)),
        v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT);
  }
  for (const auto& [file_name, bytes] : taken) {
    const auto name = tuf::ParseMetadataName(file_name);
    if (!name.ok() || name->role == "root" || name->role == "targets") {
      continue;
    }
    if (!view.policies.contains(name->role)) {
      return WithReason(PermissionDenied("no role delegates to " + name->role),
                        v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
    }
    if (const auto lapsed = view.lapsed.find(name->role); lapsed != view.lapsed.end()) {
      return WithReason(PermissionDenied(name->role + ": expired at " + UtcText(lapsed->second)),
                        v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS);
    }
  }
  return OkStatus();
}

}  // namespace flotilla::controller
