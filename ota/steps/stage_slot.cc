#include "ota/steps/stage_slot.h"

namespace flotilla::ota {

Status StageSlot(const Verified<SignedRelease>& release, const InstallPlan& plan,
                 const SmallFiles& files, Store& store) {
  FLOTILLA_RETURN_IF_ERROR(
      store.InstallBytes(release->target.sha256, BlobKind::kRelease, release->document_bytes));
  for (const PlannedFile& file : plan.files) {
    const auto content = files.contents.find(file.target.sha256);
    if (content != files.contents.end()) {
      FLOTILLA_RETURN_IF_ERROR(store.InstallBytes(file.target.sha256, file.kind, content->second));
    }
  }
  for (const PlannedFile& file : plan.files) {
    const auto map = files.maps.find(file.target.sha256);
    if (map != files.maps.end()) {
      FLOTILLA_RETURN_IF_ERROR(
          store.Install(file.target.sha256, file.kind, file.target.length, map->second));
    }
  }
  return OkStatus();
}

}  // namespace flotilla::ota
