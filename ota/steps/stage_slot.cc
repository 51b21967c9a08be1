#include "ota/steps/stage_slot.h"

namespace flotilla::ota {

Status StageSlot(const Verified<SignedRelease>& release, const InstallPlan& plan,
                 const SmallFiles& files, Store& store) {
  FLOTILLA_RETURN_IF_ERROR(
      store.InstallBytes(release->target.sha256, BlobKind::kRelease, release->document_bytes));
  if (plan.golden.has_value()) {
    FLOTILLA_RETURN_IF_ERROR(
        store.InstallBytes(plan.golden->sha256, BlobKind::kGolden, files.golden));
  }
  return store.Install(plan.model.sha256, BlobKind::kModel, plan.model.length, files.map);
}

}  // namespace flotilla::ota
