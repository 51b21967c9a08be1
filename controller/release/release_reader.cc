#include "controller/release/release_reader.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "base/time.h"
#include "controller/fleet/proto_time.h"
#include "ota/format/release_document.h"
#include "security/tuf/repository.h"

namespace flotilla::controller {
namespace {

constexpr std::string_view kDocumentSuffix = ".release.json";

using TargetsByPath = std::map<std::string, const tuf::TargetInfo*>;

// When the document's bytes came to this repository.
Time ArrivalOf(const std::filesystem::path& path) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(path, error);
  return error ? absl::UnixEpoch()
               : absl::FromChrono(std::chrono::time_point_cast<std::chrono::seconds>(
                     std::chrono::file_clock::to_sys(written)));
}

// Every target that a release consists of but the document itself.
std::vector<ota::TargetRef> PartsOf(const ota::ReleaseDocument& document) {
  std::vector<ota::TargetRef> parts;
  if (document.golden.has_value()) {
    parts.push_back(document.golden->target);
  }
  for (const ota::ReleaseVariant& variant : document.variants) {
    for (const ota::VariantFile& file : variant.files) {
      parts.push_back(file.target);
      if (file.has_map()) {
        parts.push_back(file.map);
      }
    }
  }
  return parts;
}

Status CheckPart(const ota::TargetRef& part, const std::string& role,
                 const TargetsByPath& targets) {
  const auto found = targets.find(part.path);
  if (found == targets.end() || found->second->role != role) {
    return WithReason(PermissionDenied(part.path + " is not a target of " + role),
                      v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  }
  if (found->second->length != part.length) {
    return WithReason(PermissionDenied(part.path + " has another length as target"),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  if (found->second->sha256 != part.sha256) {
    return WithReason(PermissionDenied(part.path + " has another digest as target"),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  return OkStatus();
}

StatusOr<ota::ReleaseDocument> ReadDocument(const tuf::TargetInfo& target,
                                            const TargetsByPath& targets,
                                            const BlobRepository& blobs) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes,
                            ReadFile(blobs.Path(target.sha256), ota::kMaxReleaseDocumentBytes));
  FLOTILLA_ASSIGN_OR_RETURN(ota::ReleaseDocument document, ota::ParseReleaseDocument(bytes));
  if (target.path != ota::ReleaseTargetPath(document.line, document.version) ||
      target.role != ota::RoleOfLine(document.line)) {
    return WithReason(InvalidArgument("it is release " + document.version + " of line " +
                                      document.line.value() + ", which belongs elsewhere"),
                      v1::FAILURE_REASON_FORM_BAD_PATH);
  }
  for (const ota::TargetRef& part : PartsOf(document)) {
    FLOTILLA_RETURN_IF_ERROR(CheckPart(part, target.role, targets));
  }
  return document;
}

bool IsBlocked(const ota::ReleaseDocument& document, const Digest& digest,
               const tuf::LinePolicy& policy) {
  if (policy.floor > 0 && document.release_counter < static_cast<std::uint64_t>(policy.floor)) {
    return true;
  }
  const std::vector<ota::TargetRef> parts = PartsOf(document);
  return policy.Blocks(digest) ||
         std::any_of(parts.begin(), parts.end(),
                     [&policy](const ota::TargetRef& part) { return policy.Blocks(part.sha256); });
}

std::uint64_t SizeOf(const ota::ReleaseVariant& variant) {
  std::uint64_t bytes = 0;
  for (const ota::VariantFile& file : variant.files) {
    bytes += file.target.length + file.map.length;
  }
  return bytes;
}

v1::Release Describe(const ota::ReleaseDocument& document, const tuf::TargetInfo& target) {
  v1::Release release;
  v1::ReleaseRef& ref = *release.mutable_ref();
  ref.set_line(document.line.value());
  ref.set_version(document.version);
  ref.set_target_path(target.path);
  ref.set_sha256(ToText(target.sha256.bytes()));
  ref.set_release_counter(document.release_counter);
  release.set_notes(document.notes);
  release.set_fallback_answer(document.fallback_answer);
  if (document.max_age_seconds > 0) {
    release.mutable_max_age()->set_seconds(static_cast<std::int64_t>(document.max_age_seconds));
  }
  std::uint64_t largest = 0;
  for (const ota::ReleaseVariant& variant : document.variants) {
    release.add_variants(variant.name);
    largest = std::max(largest, SizeOf(variant));
  }
  release.set_size_bytes(largest);
  return release;
}

// Key ids on the newest file of each role.
std::map<std::string, std::vector<std::string>> Signers(const tuf::RepositoryFiles& files) {
  std::map<std::string, std::vector<std::string>> signers;
  for (const auto& [file_name, bytes] : files) {
    const auto name = tuf::ParseMetadataName(file_name);
    const auto draft = tuf::Draft::Load(bytes);
    if (name.ok() && draft.ok()) {
      signers[name->role] = draft->signed_by();
    }
  }
  return signers;
}

void SortNewestFirst(std::vector<v1::Release>& releases) {
  std::sort(releases.begin(), releases.end(), [](const v1::Release& a, const v1::Release& b) {
    const Time at_a = FromProto(a.published_at());
    const Time at_b = FromProto(b.published_at());
    return at_a != at_b ? at_a > at_b : a.ref().release_counter() > b.ref().release_counter();
  });
}

}  // namespace

StatusOr<std::vector<v1::Release>> ReadReleases(const tuf::FreshClientView& view,
                                                const tuf::RepositoryFiles& files,
                                                const BlobRepository& blobs) {
  TargetsByPath targets;
  for (const tuf::TargetInfo& target : view.targets) {
    targets[target.path] = &target;
  }
  const auto signers = Signers(files);
  std::vector<v1::Release> releases;
  std::set<std::pair<std::string, std::uint64_t>> counters;
  for (const tuf::TargetInfo& target : view.targets) {
    if (!target.path.ends_with(kDocumentSuffix)) {
      continue;
    }
    const auto document = ReadDocument(target, targets, blobs);
    if (!document.ok()) {
      return Annotate(document.status(), target.path);
    }
    if (!counters.emplace(document->line.value(), document->release_counter).second) {
      return WithReason(AlreadyExists(target.path + ": another release of the line has counter " +
                                      std::to_string(document->release_counter)),
                        v1::FAILURE_REASON_FORM_SCHEMA);
    }
    v1::Release release = Describe(*document, target);
    const auto policy = view.policies.find(target.role);
    release.set_blocked(policy != view.policies.end() &&
                        IsBlocked(*document, target.sha256, policy->second));
    const auto keys = signers.find(target.role);
    if (keys != signers.end()) {
      release.mutable_signed_by()->Assign(keys->second.begin(), keys->second.end());
    }
    *release.mutable_published_at() = ToProto(ArrivalOf(blobs.Path(target.sha256)));
    releases.push_back(std::move(release));
  }
  SortNewestFirst(releases);
  return releases;
}

}  // namespace flotilla::controller
