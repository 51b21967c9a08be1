#include "ota/steps/check_compatibility.h"

#include <string>

#include "flotilla/v1/failure_reason.pb.h"

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

}  // namespace

StatusOr<InstallPlan> CheckCompatibility(const Verified<SignedRelease>& release,
                                         const v1::DeviceFacts& facts,
                                         const std::string& agent_version,
                                         const std::string& engine_version, tuf::TufClient& tuf,
                                         Time now) {
  const ReleaseDocument& document = release->document;
  FLOTILLA_RETURN_IF_ERROR(CheckVersions(document, agent_version, engine_version));
  FLOTILLA_ASSIGN_OR_RETURN(const ReleaseVariant* variant, PickVariant(document, facts));
  const std::string& role = release->target.role;
  const VariantFile& model = variant->model();
  InstallPlan plan;
  FLOTILLA_ASSIGN_OR_RETURN(plan.model, FindListed(model.target, role, tuf, now));
  FLOTILLA_ASSIGN_OR_RETURN(plan.map, FindListed(model.map, role, tuf, now));
  v1::InstalledRelease& installed = plan.release;
  if (document.golden.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(plan.golden, FindListed(document.golden->target, role, tuf, now));
    installed.set_golden_sha256(ToText(plan.golden->sha256.bytes()));
    installed.set_golden_floor_percent(document.golden->floor_percent);
  }
  v1::ReleaseRef& ref = *installed.mutable_ref();
  ref.set_line(document.line.value());
  ref.set_version(document.version);
  ref.set_target_path(release->target.path);
  ref.set_sha256(ToText(release->target.sha256.bytes()));
  ref.set_release_counter(document.release_counter);
  installed.set_variant(variant->name);
  installed.set_model_sha256(ToText(plan.model.sha256.bytes()));
  installed.set_model_bytes(plan.model.length);
  installed.set_context_tokens(variant->context_tokens);
  return plan;
}

}  // namespace flotilla::ota
