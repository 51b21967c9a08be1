#include "ota/steps/check_compatibility.h"

#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/format/pick_variant.h"

namespace flotilla::ota {
namespace {

// The target of the role that the document names, with the document's length and hash.
StatusOr<tuf::TargetInfo> FindListed(const TargetRef& ref, const std::string& role,
                                     tuf::TufClient& tuf, Time now) {
  FLOTILLA_ASSIGN_OR_RETURN(tuf::TargetInfo target, tuf.FindTarget(ref.path, now));
  if (target.role != role) {
    return WithReason(
        NotFound(role + ": " + ref.path + " is not signed by this role but by " + target.role),
        v1::FAILURE_REASON_TRUST_TARGET_NOT_FOUND);
  }
  if (target.length != ref.length) {
    return WithReason(PermissionDenied(role + ": the release names another length of " + ref.path),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  if (target.sha256 != ref.sha256) {
    return WithReason(PermissionDenied(role + ": the release names another hash of " + ref.path),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  return target;
}

BlobKind KindOf(const VariantFile& file) {
  if (file.kind == kModelKind) {
    return BlobKind::kModel;
  }
  if (file.kind == kAdapterKind) {
    return BlobKind::kAdapter;
  }
  return file.kind == kChatTemplateKind ? BlobKind::kChatTemplate : BlobKind::kUnspecified;
}

// Finds the files of one kind, in the document's order.
struct FileFinder {
  const std::string& role;
  tuf::TufClient& tuf;
  Time now;
  InstallPlan& plan;

  StatusOr<PlannedFile> Find(const TargetRef& target, BlobKind kind) {
    PlannedFile file;
    file.kind = kind;
    FLOTILLA_ASSIGN_OR_RETURN(file.target, FindListed(target, role, tuf, now));
    return file;
  }

  Status AddAll(const ReleaseVariant& variant, BlobKind kind) {
    for (const VariantFile& file : variant.files) {
      if (KindOf(file) != kind) {
        continue;
      }
      FLOTILLA_ASSIGN_OR_RETURN(PlannedFile planned, Find(file.target, kind));
      if (file.has_map()) {
        FLOTILLA_ASSIGN_OR_RETURN(planned.map, FindListed(file.map, role, tuf, now));
      }
      planned.name = file.name;
      if (kind != BlobKind::kModel) {
        v1::InstalledFile& installed = *plan.release.add_files();
        installed.set_kind(file.kind);
        installed.set_name(file.name);
        installed.set_sha256(ToText(planned.target.sha256.bytes()));
        installed.set_bytes(planned.target.length);
        installed.set_scale_milli(kind == BlobKind::kAdapter ? file.scale_milli : 0);
      }
      plan.files.push_back(std::move(planned));
    }
    return OkStatus();
  }
};

}  // namespace

StatusOr<InstallPlan> CheckCompatibility(const Verified<SignedRelease>& release,
                                         const v1::DeviceFacts& facts,
                                         const std::string& agent_version,
                                         const std::string& engine_version, tuf::TufClient& tuf,
                                         Time now) {
  const ReleaseDocument& document = release->document;
  FLOTILLA_RETURN_IF_ERROR(CheckVersions(document, agent_version, engine_version));
  FLOTILLA_ASSIGN_OR_RETURN(const VariantChoice choice, PickVariant(document, facts));
  const ReleaseVariant& variant = *choice.variant;
  InstallPlan plan;
  plan.why = choice.why;
  FileFinder finder{release->target.role, tuf, now, plan};
  for (const BlobKind kind : {BlobKind::kModel, BlobKind::kAdapter, BlobKind::kChatTemplate}) {
    FLOTILLA_RETURN_IF_ERROR(finder.AddAll(variant, kind));
  }
  v1::InstalledRelease& installed = plan.release;
  installed.set_model_sha256(ToText(plan.files.front().target.sha256.bytes()));
  installed.set_model_bytes(plan.files.front().target.length);
  if (document.golden.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(PlannedFile golden,
                              finder.Find(document.golden->target, BlobKind::kGolden));
    installed.set_golden_sha256(ToText(golden.target.sha256.bytes()));
    installed.set_golden_floor_percent(document.golden->floor_percent);
    plan.files.push_back(std::move(golden));
  }
  v1::ReleaseRef& ref = *installed.mutable_ref();
  ref.set_line(document.line.value());
  ref.set_version(document.version);
  ref.set_target_path(release->target.path);
  ref.set_sha256(ToText(release->target.sha256.bytes()));
  ref.set_release_counter(document.release_counter);
  installed.set_variant(variant.name);
  installed.set_context_tokens(variant.context_tokens);
  installed.set_fallback_answer(document.fallback_answer);
  installed.set_max_age_seconds(document.max_age_seconds);
  return plan;
}

}  // namespace flotilla::ota
